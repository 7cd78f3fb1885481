package hub

import "testing"

func TestExternalCodesAnswerTheLeastMappedCodeOfEachObject(t *testing.T) {
	r := newRegistry()
	r.connections["own"] = Connection{ID: "own", Unmapped: true}
	r.mappings["acme"] = &connectionMappings{byKey: map[mappingKey]Mapping{
		{"H1", MapRoomType, "Z"}:   {Internal: "DLX", State: MappingAccepted},
		{"H1", MapRoomType, "A"}:   {Internal: "DLX", State: MappingAccepted},
		{"H1", MapRoomType, "I"}:   {Internal: "STD", State: MappingIgnored},
		{"H2", MapRoomType, "X"}:   {Internal: "STD", State: MappingAccepted},
		{"H1", MapRatePlan, "BAR"}: {Internal: "BAR", State: MappingAccepted},
		{"", MapProperty, "77"}:    {Internal: "H1", State: MappingAccepted},
	}}
	got, own := r.externals("acme", "H1", MapRoomType)
	if len(got) != 1 || got["DLX"] != "A" || own {
		t.Errorf("%v %v", got, own)
	}
	if got, _ := r.externals("acme", "H1", MapProperty); got["H1"] != "77" {
		t.Errorf("%v", got)
	}
	if got, own := r.externals("own", "H1", MapRoomType); got != nil || !own {
		t.Errorf("%v %v", got, own)
	}
	if got, own := r.externals("nobody", "H1", MapRoomType); len(got) != 0 || own {
		t.Errorf("%v %v", got, own)
	}
}
