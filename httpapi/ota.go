package httpapi

// otaEdge is the OTA endpoint.
type otaEdge struct{ a *api }

func newOTAEdge(a *api) *otaEdge { return &otaEdge{a} }

func (e *otaEdge) routes() []*route { return nil }
