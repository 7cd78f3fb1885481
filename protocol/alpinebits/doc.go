// Package alpinebits is the server's side of AlpineBits HotelData 2018-10, 2020-10, 2022-10 and 2024-10: room availability (FreeRooms), room
// categories (Inventory), rate plans (RatePlans) and their pull twins (BaseRates, Inventory).
//
// All of it is pure (no I/O, no clock). ReadForm reads the transport's form, Find the action of a version, Handshake answers what both
// sides can. Parse reads a request's XML, Decode translates it into an update of ari with a connection's codes turned into the hub's, and
// EncodeAnswer, InventoryAnswer and BaseRatesAnswer write what goes back, valid against the version's schema.
//
// A message is taken whole or refused whole, since AlpineBits has no answer for one record alone; only records whose codes are not mapped
// yet wait by themselves (S25). What a message says of dates that are past is left out silently (S26).
//
// docs/protocols/alpinebits.md says of each thing whether it is evaluated.
package alpinebits
