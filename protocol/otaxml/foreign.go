package otaxml

import (
	"bytes"
	"strings"
)

// foreignRoots names the formats of others that partners send to an OTA address by mistake.
//
// Source: docs/protocols/ota-xml.md, "Refused by name".
var foreignRoots = map[string]string{
	"AvailRateUpdateRQ":           "Expedia EQC availability and rates",
	"HotelAvailNotif":             "Travelgate hotel push",
	"HotelRatePlanNotif":          "Travelgate hotel push",
	"HotelRatePlanInventoryNotif": "Travelgate hotel push",
	"Transaction":                 "Google Hotel Prices transaction",
	"Hint":                        "Google Hotel Prices hint",
	"SetARI":                      "Agoda SetARI",
	"HTNG_AcknowledgeReceipt":     "HTNG asynchronous acknowledgement",
}

// foreignFix is what a sender of another format can do.
const foreignFix = "send the same as " + KindAvailNotif + ", " + KindRateAmountNotif + " and " + KindInvCountNotif + ", or as JSON to /v1/updates"

// unknownRoot says why a root element is not one that is read here: not implemented, another's format, or no message at all.
func unknownRoot(root *node) *Fault {
	f := &Fault{Code: CodeNotOTA, Path: path(root, ""), Got: clip(root.name, 60)}
	switch foreign := foreignRoots[root.name]; {
	case strings.HasPrefix(root.name, "OTA_"):
		f.Code = CodeNotImplemented
		f.Expected = "one of " + strings.Join(kindsRead(), ", ")
	case foreign != "":
		f.Expected = "an OTA message: this is " + foreign + "; " + foreignFix
	case root.name == "request" && root.kid("criteria") != nil:
		f.Expected = "an OTA message: this is Agoda SetARI; " + foreignFix
	default:
		f.Expected = "an OTA message"
	}
	return f
}

// kindsRead answers the messages that are read, in order.
func kindsRead() []string { return operations() }

// checkNotJSON refuses JSON by name: several partners' own formats are JSON.
func checkNotJSON(body []byte) error {
	head := bytes.TrimLeft(bytes.TrimPrefix(body, []byte{0xef, 0xbb, 0xbf}), " \t\r\n")
	if len(head) == 0 {
		return &Fault{Code: CodeNotXML, Got: "an empty body", Expected: "an OTA message"}
	}
	if head[0] == '{' || head[0] == '[' {
		name := "JSON"
		if bytes.Contains(head[:min(len(head), 4096)], []byte(`"hotelId"`)) {
			name = "JSON, DerbySoft's by its look"
		}
		return &Fault{Code: CodeNotOTA, Got: name, Expected: "an OTA message in XML: " + foreignFix}
	}
	return nil
}
