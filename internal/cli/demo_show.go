package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/examples/demo"
)

// demoConnection is what the hotels' messages come over.
const demoConnection = "demo-pms"

// demonstration is one run of the demo against the API at an address.
type demonstration struct {
	out    io.Writer
	api    *api
	monday ari.StayDate // of the week that the hotels' dates begin in
	start  time.Time    // of the demonstration: its messages are from then on
}

// demoSenders is how many messages of the stream are under way at a time.
const demoSenders = 8

func demoClient() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: demoSenders}}
}

// day answers the date n days after the hotels' first.
func (d *demonstration) day(n int) string { return (d.monday + ari.StayDate(n)).String() }

func (d *demonstration) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// put makes an object through the API.
func (d *demonstration) put(ctx context.Context, path string, body []byte) error {
	return d.api.json(ctx, request{method: http.MethodPut, path: path, body: bytes.NewReader(body), contentType: "application/json"}, nil)
}

// load makes the hotels' catalogs and sends their messages.
func (d *demonstration) load(ctx context.Context, hotels []demo.Hotel) error {
	if err := d.put(ctx, "/v1/connections/"+demoConnection, []byte(`{"name":"The demo's property systems","protocol":"ota","unmapped":true}`)); err != nil {
		return err
	}
	for _, h := range hotels {
		if err := d.hotel(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

func (d *demonstration) hotel(ctx context.Context, h demo.Hotel) error {
	base := "/v1/properties/" + h.Code
	if err := d.put(ctx, base, h.Property); err != nil {
		return err
	}
	for _, o := range h.RoomTypes {
		if err := d.put(ctx, base+"/room-types/"+o.Code, o.Body); err != nil {
			return err
		}
	}
	for _, o := range h.RatePlans {
		if err := d.put(ctx, base+"/rate-plans/"+o.Code, o.Body); err != nil {
			return err
		}
	}
	size := 0
	for _, m := range h.Messages {
		if err := d.send(ctx, m.Name, m.Body); err != nil {
			return err
		}
		size += len(m.Body)
	}
	d.say("%s  %s, %s, %d OTA messages taken (%s)", h.Code, count(len(h.RoomTypes), "room type"), count(len(h.RatePlans), "rate plan"), len(h.Messages), bytesText(int64(size)))
	return nil
}

// send posts an OTA message, which must be taken without a word.
func (d *demonstration) send(ctx context.Context, name string, body []byte) error {
	p := pushed{File: name}
	if err := (&pushCmd{Connection: demoConnection}).ota(ctx, d.api, body, &p); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !p.OK || len(p.Lines) > 0 {
		return fmt.Errorf("%s: %s: %s", name, p.Result, strings.Join(p.Lines, "; "))
	}
	return nil
}

// stream sends n small changes, every fifth of them a repeat of the one before, several at a time.
func (d *demonstration) stream(ctx context.Context, n int) error {
	start := time.Now()
	next := make(chan int)
	var wg sync.WaitGroup
	errs := make([]error, demoSenders)
	for i := range demoSenders {
		wg.Go(func() {
			for j := range next {
				if errs[i] == nil {
					errs[i] = d.send(ctx, fmt.Sprintf("change %d", j), d.change(j-j%5/4))
				}
			}
		})
	}
	for j := range n {
		next <- j
	}
	close(next)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	took := time.Since(start)
	d.say("\n%d changes over HTTP in %.2f s, each committed to disk before its answer; %d of them repeats that changed nothing", n, took.Seconds(), n/5)
	return nil
}

// change answers the i-th small change: rooms of some type on some night, two months ahead.
func (d *demonstration) change(i int) []byte {
	rooms := [...][2]string{{"ALP1", "DBL"}, {"NYC1", "KNG"}, {"NYC1", "QQN"}, {"ALP1", "DLX"}}[i%4]
	kind, most := 2, 20 // rooms left
	if rooms[0] == "ALP1" {
		kind, most = 4, 9 // rooms sold
	}
	return d.invCount(i, rooms[0], rooms[1], d.day(60+i%30), d.day(60+i%30), kind, i*7%most)
}

// invCount answers an OTA message with one count. Its source time is the i-th millisecond of the demonstration: a repeat is equal to the letter.
func (d *demonstration) invCount(i int, hotel, room, from, to string, kind, n int) []byte {
	return fmt.Appendf(nil, `<OTA_HotelInvCountNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="3.0" EchoToken="demo-%d" TimeStamp=%q>
  <Inventories HotelCode=%q><Inventory>
    <StatusApplicationControl Start=%q End=%q InvTypeCode=%q/>
    <InvCounts><InvCount CountType="%d" Count="%d"/></InvCounts>
  </Inventory></Inventories>
</OTA_HotelInvCountNotifRQ>`, i, d.at(i), hotel, from, to, room, kind, n)
}

// at answers the source time of the demonstration's i-th message.
func (d *demonstration) at(i int) string {
	return d.start.Add(time.Duration(i) * time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z")
}

func (d *demonstration) goodbye(url, file string, once bool) {
	if once {
		return
	}
	d.say(`The hub is running at %s (API description: %s/openapi.json). Try it from another terminal:

  export RATEWIRE_URL=%s
  export RATEWIRE_TOKEN=$(./bin/ratewire token --store %s)
  ./bin/ratewire shop ALP1 %s 3 -a 2 -c 5,8 --why
  ./bin/ratewire history ALP1 DBL %s

Ctrl-C stops it.`, url, url, url, file, d.day(35), d.day(35))
}
