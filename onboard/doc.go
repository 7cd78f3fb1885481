// Package onboard is what a property goes through before it is sold elsewhere, decided from its picture and its mappings: what is missing or
// contradicts itself (Survey), which stage may follow which and what must hold (Gates), how alike two codes are (Score), and how the lines of an
// import are read (ReadLines). It is pure: no I/O, no clock; what it looks at is bounded, and it says what it left out.
package onboard
