package alpinebits_test

import (
	"fmt"

	"github.com/ratewire/ratewire/protocol/alpinebits"
)

// A request names its version in a header and its action in a form; both are found before its XML is looked at.
func Example() {
	for _, header := range []string{"2017-10", "2024-10"} {
		v, err := alpinebits.FindVersion(header)
		if err != nil {
			fmt.Println(err)
			continue
		}
		a, err := alpinebits.FindAction(v, "OTA_HotelInvCountNotif:FreeRooms")
		if err != nil {
			fmt.Println(err)
			continue
		}
		m, err := alpinebits.Parse(v, a, []byte(`<OTA_HotelInvCountNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="4"><UniqueID Type="16" ID="1" Instance="CompleteSet"/><Inventories HotelCode="123"><Inventory/></Inventories></OTA_HotelInvCountNotifRQ>`), "")
		fmt.Println(m.HotelCode, m.Complete, len(m.Records), err)
		_, err = alpinebits.FindAction(v, "OTA_Read:GuestRequests")
		fmt.Println(err)
	}
	// Output:
	// ERROR:unsupported protocol version 2017-10; supported are 2018-10, 2020-10, 2022-10, 2024-10
	// 123 true 1 <nil>
	// ERROR:unknown or missing action
}
