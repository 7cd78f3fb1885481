package onboard

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Named is a code with what is known of it, on either side of a mapping.
type Named struct {
	Code      string
	Name      string
	Occupancy int    // guests at most; 0: not told
	Taken     string // of ours: the code of the same connection that means it already
}

// Match is how well one of ours fits a code of another system.
type Match struct {
	Code     string
	Score    float64 // 0 to 1, two decimals
	Evidence []string
}

// Scores that mean something. A match of ScoreSure rests on an equal code, or on an equal name and more.
const (
	ScoreSure  = 0.95
	ScoreFloor = 0.30 // below it nothing is proposed
)

// MatchesMax bounds what is proposed for one code.
const MatchesMax = 3

// Propose answers the best of ours for a code of another system, best first. Where two are as good, neither is sure.
func Propose(theirs Named, ours []Named) []Match {
	var all []Match
	for i := range ours {
		if m := Score(theirs, ours[i]); m.Score >= ScoreFloor {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b Match) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return strings.Compare(a.Code, b.Code)
	})
	if len(all) > 1 && all[0].Score-all[1].Score < 0.05 {
		all[0].Score = round(math.Min(all[0].Score, ScoreSure-0.05))
		all[0].Evidence = append(all[0].Evidence, all[1].Code+" is about as alike")
	}
	return all[:min(len(all), MatchesMax)]
}

// Score says how alike a code of another system and one of ours are: by code, by name, by how many guests they take.
func Score(theirs, ours Named) Match {
	m := Match{Code: ours.Code}
	best := func(score float64, evidence string) {
		if score > m.Score {
			m.Score, m.Evidence = score, []string{evidence}
		}
	}
	switch {
	case theirs.Code == ours.Code:
		best(0.97, "same code")
	case fold(theirs.Code) == fold(ours.Code) && fold(ours.Code) != "":
		best(0.93, "same code but for case and signs")
	default:
		best(0.8*alike(theirs.Code, ours.Code), fmt.Sprintf("codes alike %.2f", alike(theirs.Code, ours.Code)))
	}
	if theirs.Name != "" && ours.Name != "" {
		if fold(theirs.Name) == fold(ours.Name) {
			best(0.94, "same name")
		} else {
			best(0.92*alike(theirs.Name, ours.Name), fmt.Sprintf("names alike %.2f: %q and %q", alike(theirs.Name, ours.Name), theirs.Name, ours.Name))
		}
	}
	if ours.Name != "" {
		if fold(theirs.Code) == fold(ours.Name) {
			best(0.9, "their code is our name")
		}
		best(0.8*alike(theirs.Code, ours.Name), fmt.Sprintf("their code and our name alike %.2f", alike(theirs.Code, ours.Name)))
		if abbreviates(theirs.Code, ours.Name) {
			best(0.6, "their code abbreviates our name, "+ours.Name)
		}
	}
	if theirs.Name != "" && abbreviates(ours.Code, theirs.Name) {
		best(0.6, "our code abbreviates their name, "+theirs.Name)
	}
	m.weigh(theirs, ours)
	m.Score = round(m.Score)
	return m
}

// weigh lets what else is known count.
func (m *Match) weigh(theirs, ours Named) {
	if theirs.Occupancy > 0 && ours.Occupancy > 0 && m.Score > 0 {
		if theirs.Occupancy == ours.Occupancy {
			m.Score += 0.3 * (1 - m.Score)
			m.Evidence = append(m.Evidence, fmt.Sprintf("both take %d guests", ours.Occupancy))
		} else {
			m.Score *= 0.8
			m.Evidence = append(m.Evidence, fmt.Sprintf("theirs takes %d guests, ours %d", theirs.Occupancy, ours.Occupancy))
		}
	}
	if ours.Taken != "" && ours.Taken != theirs.Code {
		m.Score *= 0.6
		m.Evidence = append(m.Evidence, ours.Taken+" means it already")
	}
}

func round(x float64) float64 { return math.Round(x*100) / 100 }

// fold answers a text's letters and digits, in lower case, accents of Latin letters aside.
func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r = unicode.ToLower(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			if plain, ok := accents[r]; ok {
				b.WriteString(plain)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

var accents = func() map[rune]string {
	m := map[rune]string{}
	for plain, list := range map[string]string{"a": "àáâãäå", "c": "ç", "e": "èéêë", "i": "ìíîï", "n": "ñ", "o": "òóôõöø", "u": "ùúûü", "y": "ýÿ", "ss": "ß", "ae": "æ"} {
		for _, r := range list {
			m[r] = plain
		}
	}
	return m
}()

// alike compares two texts by their pairs of letters (Dice): 0 nothing in common, 1 the same pairs.
func alike(a, b string) float64 {
	x, y := pairs(a), pairs(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	common := 0
	for p, n := range x {
		common += min(n, y[p])
	}
	total := 0
	for _, n := range x {
		total += n
	}
	for _, n := range y {
		total += n
	}
	return 2 * float64(common) / float64(total)
}

// pairs counts the neighbouring letters of a text's words, each word with a mark before it, so that first letters count more.
func pairs(s string) map[string]int {
	out := map[string]int{}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		letters := []rune("^" + fold(word))
		for i := range len(letters) - 1 {
			out[string(letters[i:i+2])]++
		}
	}
	return out
}

// abbreviates tells whether a short code is made of a name's letters in their order, its first one first: DLX of Deluxe double.
func abbreviates(code, name string) bool {
	c, n := []rune(fold(code)), []rune(fold(name))
	if len(c) < 2 || len(c) > 6 || len(n) <= len(c) || c[0] != n[0] {
		return false
	}
	i := 0
	for _, r := range n {
		if i < len(c) && r == c[i] {
			i++
		}
	}
	return i == len(c)
}
