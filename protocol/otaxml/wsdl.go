package otaxml

import (
	"maps"
	"slices"
	"strings"
)

// wsdlSpace is the namespace of the service that WSDL describes.
const wsdlSpace = "urn:ratewire:ota"

// operations answers the requests that the endpoint takes, sorted.
func operations() []string {
	out := append(slices.Sorted(maps.Keys(containers)), slices.Sorted(maps.Keys(askLists))...)
	out = append(out, KindNotifReport, KindPing)
	slices.Sort(out)
	return out
}

// operation answers the name of a request's operation: HotelAvailNotif of OTA_HotelAvailNotifRQ.
func operation(kind string) string {
	return strings.TrimSuffix(strings.TrimPrefix(kind, "OTA_"), "RQ")
}

// WSDL describes the endpoint at an address as WSDL 1.1: one operation a request that it takes, document/literal, bound to SOAP 1.1 and 1.2. Its
// schema names each element and leaves what is in it open: the schemas are OpenTravel's to hand out, and the endpoint takes more than they allow.
//
// Source: WSDL 1.1 (W3C note 2001-03-15), sections 2 and 3; the SOAP 1.2 binding of 2006-04-05.
func WSDL(address string) []byte {
	var w writer
	w.b = append(w.b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	w.open("wsdl:definitions", "name", "RatewireOTA", "targetNamespace", wsdlSpace, "xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/", "xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/",
		"xmlns:soap12", "http://schemas.xmlsoap.org/wsdl/soap12/", "xmlns:xs", "http://www.w3.org/2001/XMLSchema", "xmlns:ota", otaSpace, "xmlns:tns", wsdlSpace)
	kinds := operations()
	w.types(kinds)
	for _, k := range kinds {
		for _, root := range []string{k, answerRoot(k)} {
			w.open("wsdl:message", "name", root)
			w.empty("wsdl:part", "name", "body", "element", "ota:"+root)
			w.close("wsdl:message")
		}
	}
	w.open("wsdl:portType", "name", "OTA")
	for _, k := range kinds {
		w.open("wsdl:operation", "name", operation(k))
		w.empty("wsdl:input", "message", "tns:"+k)
		w.empty("wsdl:output", "message", "tns:"+answerRoot(k))
		w.close("wsdl:operation")
	}
	w.close("wsdl:portType")
	for _, v := range []string{"soap", "soap12"} {
		w.binding(v, kinds)
	}
	w.open("wsdl:service", "name", "RatewireOTA")
	for _, v := range []string{"soap", "soap12"} {
		w.open("wsdl:port", "name", "OTA_"+v, "binding", "tns:OTA_"+v)
		w.empty(v+":address", "location", address)
		w.close("wsdl:port")
	}
	w.close("wsdl:service")
	w.close("wsdl:definitions")
	return append(w.b, '\n')
}

// types declares the elements of the messages.
func (w *writer) types(kinds []string) {
	w.open("wsdl:types")
	w.open("xs:schema", "targetNamespace", otaSpace, "elementFormDefault", "qualified")
	w.open("xs:complexType", "name", "AnyMessage")
	w.open("xs:sequence")
	w.empty("xs:any", "minOccurs", "0", "maxOccurs", "unbounded", "processContents", "skip")
	w.close("xs:sequence")
	w.empty("xs:anyAttribute", "processContents", "skip")
	w.close("xs:complexType")
	for _, k := range kinds {
		w.empty("xs:element", "name", k, "type", "ota:AnyMessage")
		w.empty("xs:element", "name", answerRoot(k), "type", "ota:AnyMessage")
	}
	w.close("xs:schema")
	w.close("wsdl:types")
}

// binding binds the operations to one version of SOAP. The action is the request's name; it is not looked at.
func (w *writer) binding(v string, kinds []string) {
	w.open("wsdl:binding", "name", "OTA_"+v, "type", "tns:OTA")
	w.empty(v+":binding", "style", "document", "transport", "http://schemas.xmlsoap.org/soap/http")
	for _, k := range kinds {
		w.open("wsdl:operation", "name", operation(k))
		w.empty(v+":operation", "soapAction", otaSpace+"/"+k, "style", "document")
		for _, way := range []string{"wsdl:input", "wsdl:output"} {
			w.open(way)
			w.empty(v+":body", "use", "literal")
			w.close(way)
		}
		w.close("wsdl:operation")
	}
	w.close("wsdl:binding")
}
