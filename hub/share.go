package hub

import "github.com/ratewire/ratewire/ari"

// sender is a client or connection with calls that are not answered yet.
type sender struct{ calls int }

// shareOfFree is how many times the free part of the queue one sender may have in it. It bounds each by what the others leave, so that there is
// always room for one more: alone it gets 4/5 of the queue, two at their limit 4/9 each, and a ninth stays free for whoever comes. A fixed share
// would waste the queue while one sends, or fill it while several do.
//
// Source: Choudhury and Hahne, Dynamic queue length thresholds for shared-memory packet switches, 1998.
const shareOfFree = 4

// sendersMax bounds senders that are kept without calls.
const sendersMax = 1024

// overShare tells whether a sender has its share of the queue (S27).
func (m *machine) overShare(by *ari.Author) bool {
	s := m.senders[*by]
	return s != nil && s.calls >= shareOfFree*(m.lim.Queue-m.counted)
}

// countIn counts a call that was taken in. What time causes is not counted: it is nobody's.
func (m *machine) countIn(c *Call) {
	by := c.sub.Update.By
	if by.ID == "" || by.Kind == ari.BySystem {
		return
	}
	s := m.senders[by]
	if s == nil {
		m.forgetSenders()
		s = &sender{}
		m.senders[by] = s
	}
	s.calls++
	m.counted++
	c.from = s
}

// countOut counts a call out when it is answered.
func (m *machine) countOut(c *Call) {
	if c.from != nil {
		c.from.calls--
		m.counted--
		c.from = nil
	}
}

// forgetSenders makes room: who has nothing under way is as new.
func (m *machine) forgetSenders() {
	if m.senders == nil {
		m.senders = map[ari.Author]*sender{}
	}
	if len(m.senders) < sendersMax {
		return
	}
	for by, s := range m.senders {
		if s.calls == 0 {
			delete(m.senders, by)
		}
	}
}
