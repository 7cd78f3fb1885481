// Package otaxml reads the OpenTravel (OTA) messages that tell availability, restrictions, limits, rates and counts, and that define rate
// plans, room types and blocks, and writes their answers: the Notif messages of the Kind constants and OTA_PingRQ, plain or in SOAP 1.1 and
// 1.2 envelopes.
//
// Three steps, all pure (no I/O, no clock): Parse reads bytes into a Message, leniently (any namespace, any order, unknown attributes),
// within hard limits, without entities or a DTD. Decode translates a Message into ari statements under a Profile, the named choices
// for what partners mean differently, with a connection's codes turned into the hub's; it answers item by item. EncodeAnswer writes
// what became of it, valid against OpenTravel 2017B.
//
// Nothing that a message says is dropped silently: what cannot be evaluated becomes a statement of an unknown kind that makes its stays
// not sellable (S1), what is harmless is listed as ignored, what is wrong is refused with its path and its OTA codes.
// docs/protocols/ota-xml.md lists every element and attribute.
package otaxml
