package canonical

import "strconv"

// Members answers the raw elements of the array that is the one member of a document: {"updates":[ ... ]}. They share data's memory.
//
// Errors: *Error, also when there are none or more than most.
func Members(data []byte, name string, most int) (out [][]byte, err error) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.reset(data, "")
	seen := uint64(0)
	ok := d.object("an object with "+name, func(n []byte) {
		if string(n) != name {
			d.unknown(n, []string{name})
			return
		}
		if d.twice(&seen, 0, name) {
			return
		}
		d.push(name)
		d.array("an array", func(i int) {
			if raw := d.skip(); i < most {
				out = append(out, raw)
			} else if i == most {
				d.fault(CodeTooMany, "at most "+strconv.Itoa(most), "", "split the request")
			}
		})
		if len(out) == 0 && d.count() == 0 {
			d.fault(CodeEmpty, "at least one element", "[]", "")
		}
		d.pop()
	})
	if d.end(); ok && !d.dead && seen == 0 && d.count() == 0 {
		d.faultAt(name, CodeMissing, "an array", "", "")
	}
	return out, d.err()
}

// PropertyOf peeks at the property an update names, for queues and lanes; "" where it cannot be seen. It reads no further than it must.
func PropertyOf(data []byte) (code string) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.reset(data, "")
	d.object("", func(n []byte) {
		if string(n) != "property" || d.peek() != '"' {
			d.skip()
			return
		}
		if t := d.text(); !d.dead && len(t) <= IDMax {
			code = d.intern(t)
		}
		d.dead = true // enough
	})
	return code
}
