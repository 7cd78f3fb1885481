package otaxml

// soapFaults are the faults that a SOAP envelope's own fault tells: the exchange failed before there was an OTA message to answer.
var soapFaults = map[string]bool{
	CodeNotXML: true, CodeEncoding: true, CodeDTD: true, CodeTooBig: true, CodeEnvelope: true, CodeMustUnderstand: true, CodeAuth: true,
}

func contentType(e Envelope) string {
	switch e {
	case SOAP12:
		return "application/soap+xml; charset=utf-8"
	case SOAP11:
		return "text/xml; charset=utf-8"
	}
	return "application/xml; charset=utf-8"
}

func soapSpace(e Envelope) string {
	if e == SOAP12 {
		return soap12Space
	}
	return soap11Space
}

func (w *writer) start(e Envelope) {
	w.b = append(w.b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	if e != Plain {
		w.open("soap:Envelope", "xmlns:soap", soapSpace(e))
		w.open("soap:Body")
	}
}

func (w *writer) end(e Envelope) {
	if e != Plain {
		w.close("soap:Body")
		w.close("soap:Envelope")
	}
	w.b = append(w.b, '\n')
}

// encodeFault writes a SOAP fault: the sender's, MustUnderstand, or VersionMismatch for an envelope of another namespace.
//
// Source: SOAP 1.1, section 4.4 (HTTP status 500, 6.2); SOAP 1.2 part 1, section 5.4, and part 2, table 20 (400 for a sender's fault).
func encodeFault(e Envelope, f *Fault) Reply {
	var w writer
	w.start(e)
	code := faultCode(e, f)
	status := 500
	if e == SOAP12 {
		w.open("soap:Fault")
		w.open("soap:Code")
		w.element("soap:Value", code)
		w.close("soap:Code")
		w.open("soap:Reason")
		w.element("soap:Text", f.Error(), "xml:lang", "en")
		w.close("soap:Reason")
		w.close("soap:Fault")
		if code == "soap:Sender" {
			status = 400
		}
	} else {
		w.open("soap:Fault")
		w.element("faultcode", code)
		w.element("faultstring", f.Error())
		w.close("soap:Fault")
	}
	w.end(e)
	return Reply{Status: status, ContentType: contentType(e), Body: w.b}
}

func faultCode(e Envelope, f *Fault) string {
	switch {
	case f.Code == CodeMustUnderstand:
		return "soap:MustUnderstand"
	case f.Code == CodeEnvelope && f.Path == "/Envelope":
		return "soap:VersionMismatch"
	case e == SOAP12:
		return "soap:Sender"
	}
	return "soap:Client"
}
