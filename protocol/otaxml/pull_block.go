package otaxml

import (
	"slices"
	"strconv"

	"github.com/ratewire/ratewire/ari"
)

// blockRead is a block with what its grid tells on the nights asked.
type blockRead struct {
	id    string
	block *ari.Block
	cells map[gridCell]toldCell
}

// gridCell is one number of a block's grid on one night.
type gridCell struct {
	room  string // hub
	field ari.Field
	date  ari.StayDate
}

type toldCell struct {
	order int64
	state ari.State
	value int64
}

// blocksMax is how many blocks an answer has: the schema's.
const blocksMax = 99

// readBlocks reads the blocks that a query selects: those named, or all that have rooms on the dates.
func (u *Pull) readBlocks(a *ask, picture *ari.Picture) {
	isBlock := func(c string) bool { return u.cat.Blocks[c] != nil }
	ids := u.inward(a.q, ari.KindBlock, ari.CodeUnknownBlock, a.q.Blocks, isBlock)
	if u.fault != nil {
		return
	}
	named := len(a.q.Blocks) > 0
	if !named {
		for id := range u.cat.Blocks {
			ids = append(ids, id)
		}
		slices.Sort(ids)
	}
	for _, id := range ids {
		b := u.readBlock(a, id, picture)
		if u.fault != nil {
			return
		}
		if len(b.cells) == 0 && !named {
			continue
		}
		if why := codeWhy(id, blockCodeMax); why != "" {
			u.warn(CodeLeftOut, a.q.Path, id, "left out: "+why)
			continue
		}
		if len(u.blocks) == blocksMax {
			u.refuse(ari.CodeTooManyCells, a.q.Path, "", "at most 99 blocks, which is the schema's bound: name them, or ask for fewer dates")
			return
		}
		u.blocks = append(u.blocks, b)
	}
}

// readBlock reads one block's grid: of each number on each night what was told last.
func (u *Pull) readBlock(a *ask, id string, picture *ari.Picture) blockRead {
	b := blockRead{id: id, block: u.cat.Blocks[id], cells: map[gridCell]toldCell{}}
	picture.Cells(ari.CellFilter{
		Scopes: &ari.ScopeSet{Scope: ari.Scope{Block: id}, AnyRooms: true, AnyRates: true, AnyChannel: true},
		Fields: []ari.FieldSet{{Family: ari.FamilyBlock}}, From: a.from, To: a.to,
	}, func(c *ari.SourceCell) bool {
		if c.Scope.Rooms != ari.RoomTypeKind || c.Scope.Rates != ari.AllRates {
			u.warn(CodeLeftOut, a.q.Path, id, "numbers that are not a room type's are left out")
			return true
		}
		for d := max(c.Span.From, a.from); d <= min(c.Span.To, a.to); d++ {
			at := gridCell{c.Scope.Room, c.Field, d}
			if old, told := b.cells[at]; c.Span.Days.Has(d) && (!told || c.Order >= old.order) {
				b.cells[at] = toldCell{c.Order, c.State, c.Value.A}
			}
		}
		if u.cells += int(min(c.Span.To, a.to) - max(c.Span.From, a.from) + 1); u.cells > u.from.CellsMax {
			u.refuse(ari.CodeTooManyCells, a.q.Path, "", "at most "+strconv.Itoa(u.from.CellsMax)+" numbers of blocks a message: fewer dates or blocks")
			return false
		}
		return true
	})
	return b
}

// blockList tells the blocks. An answer without any is one without InvBlocks.
func (u *Pull) blockList() []byte {
	if len(u.blocks) == 0 {
		u.warn(CodeNoMatch, u.m.Queries[0].Path, "", "no block has rooms on these dates")
		return nil
	}
	var w writer
	w.open("InvBlocks")
	if attrs := u.hotelAttrs(); len(attrs) > 0 {
		w.empty("HotelRef", attrs...)
	}
	for i := range u.blocks {
		said := u.said(&u.blocks[i])
		u.e.invBlock(&w, &said)
		for _, l := range u.e.left {
			u.warn(CodeLeftOut, "", said.Block.ID, "left out: "+l.Why+" ("+l.Run.Field.String()+")")
		}
		u.e.left = nil
	}
	w.close("InvBlocks")
	return w.b
}

// said answers a block in the partner's codes.
func (u *Pull) said(b *blockRead) BlockRuns {
	out := BlockRuns{Block: *b.block, told: true}
	runs := map[string]*runner{}
	var order []gridCell
	for at, c := range b.cells {
		if c.state == ari.Told {
			order = append(order, at)
		}
	}
	slices.SortFunc(order, func(x, y gridCell) int {
		if x.date != y.date {
			return int(x.date - y.date)
		}
		if x.room != y.room {
			if x.room < y.room {
				return -1
			}
			return 1
		}
		return int(int64(x.field) - int64(y.field))
	})
	for _, at := range order {
		for _, room := range u.outward(&u.m.Queries[0], ari.KindRoomType, at.room) {
			r := runs[room]
			if r == nil {
				r = newRunner(ari.Scope{Rooms: ari.RoomTypeKind, Room: room, Block: b.id})
				runs[room] = r
			}
			r.say(at.date, ari.Set, at.field, ari.Num(b.cells[at].value))
		}
	}
	var rooms []string
	for room := range runs {
		rooms = append(rooms, room)
	}
	slices.Sort(rooms)
	for _, room := range rooms {
		out.Runs = append(out.Runs, runs[room].runs...)
	}
	return out
}
