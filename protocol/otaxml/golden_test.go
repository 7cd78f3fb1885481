package otaxml

import (
	"testing"
	"time"

	"github.com/ratewire/ratewire/internal/golden"
)

func profileOf(c golden.Case) (*Profile, error) {
	if !c.Has("profile.json") {
		return Generic(), nil
	}
	return ParseProfile([]byte(c.File("profile.json")))
}

func TestDecodeGoldenMessages(t *testing.T) {
	golden.Run(t, "testdata/decode/*.txtar", func(c golden.Case) (any, error) {
		p, err := profileOf(c)
		if err != nil {
			return nil, err
		}
		return decodeText(t, c.File("message.xml"), p), nil
	})
}

func TestAnswerGoldenMessages(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	golden.Run(t, "testdata/answer/*.txtar", func(c golden.Case) (any, error) {
		p, err := profileOf(c)
		if err != nil {
			return nil, err
		}
		return string(answerTo(c.File("message.xml"), p, at).Body), nil
	})
}

// answerTo answers a message as an endpoint would whose hub applies everything that can be applied.
func answerTo(body string, p *Profile, at time.Time) Reply {
	m, err := Parse([]byte(body), "text/xml")
	if err != nil {
		return EncodeAnswer(m, p, Answer{At: at, Refused: err.(*Fault)})
	}
	r := Decode(m, p, testCodes{newTestHotel()})
	return EncodeAnswer(m, p, Answer{At: at, Refused: r.Refused, Nothing: r.Nothing, Outcomes: r.Outcomes(nil)})
}
