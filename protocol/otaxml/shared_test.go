package otaxml

import "testing"

func TestReadDocumentAnswersElementsWithPathsAndTexts(t *testing.T) {
	root, err := ReadDocument([]byte(`<a:Root xmlns:a="urn:x"><Kid n=" 1 "> text </Kid><Kid/></a:Root>`), "")
	if err != nil {
		t.Fatal(err)
	}
	first, second := root.Kids()[0], root.Kids()[1]
	if root.Name() != "Root" || root.Space() != "urn:x" || first.Text() != "text" || first.Get("n") != "1" || first.Bare() || !second.Bare() {
		t.Errorf("%+v %+v", first, second)
	}
	if got := second.Path("x"); got != "/Root/Kid[2]/@x" {
		t.Errorf("path %s", got)
	}
	for _, bad := range []string{"", "{}", "<a>", "<!DOCTYPE a><a/>", "<a/><b/>"} {
		if _, err := ReadDocument([]byte(bad), ""); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestTheSharedWriterEscapes(t *testing.T) {
	var w Writer
	w.Open("a", "x", `"<`)
	w.Element("b", "1 < 2")
	w.Empty("c")
	w.Close("a")
	if got, want := string(w.Bytes()), `<a x="&quot;&lt;"><b>1 &lt; 2</b><c/></a>`; got != want {
		t.Errorf("got %s", got)
	}
}
