package main

import (
	"cmp"
	"os"
	"path"
	"strings"
)

// proof is one named proof: a test that, with RATEWIRE_PROVE=1, runs at the size that was promised, and prints its figures; or a fuzz target that
// runs for its time.
type proof struct {
	Name string // one word; also the name of its files under .work/prove
	Pkg  string
	Test string // of go test -run
	What string // what it shows, for docs/proof.md
	Fuzz bool   // Test is a fuzz target
}

// fuzzTime is how long each fuzz target runs, unless RATEWIRE_FUZZTIME says otherwise.
const fuzzTime = "10m"

// fuzz answers the proof of one target.
func fuzz(pkg, target, what string) proof {
	name := "fuzz-" + path.Base(pkg) + "-" + strings.ToLower(strings.TrimPrefix(target, "Fuzz"))
	return proof{name, pkg, target, "Fuzzed: " + what, true}
}

// args answers the arguments of go test.
func (p *proof) args() []string {
	if !p.Fuzz {
		return []string{"test", "-count=1", "-v", "-timeout", proofMax.String(), "-run", "^(" + p.Test + ")$", p.Pkg}
	}
	return []string{"test", "-timeout", proofMax.String(), "-run", "^$", "-fuzz", "^" + p.Test + "$", "-fuzztime", cmp.Or(os.Getenv("RATEWIRE_FUZZTIME"), fuzzTime), p.Pkg}
}

// proofs are all of them, quick ones first.
var proofs = []proof{
	{"syncs-sqlite", "./store/sqlite", "TestEveryCommitIsSyncedBeforeItIsAcknowledged|TestTheProofOfSyncsFailsWithSyncsOff",
		"At least one sync lies between each commit on SQLite and its acknowledgement; with synchronous=OFF the same test fails.", false},
	{"syncs-postgres", "./store/postgres", "TestEveryCommitIsSyncedBeforeItIsAcknowledged|TestTheProofOfSyncsFailsWithSyncsOff",
		"The same on PostgreSQL, by the server's statistics; with synchronous_commit=off it fails.", false},
	{"backup", "./cmd/ratewire", "TestABackupUnderLoadRestoresToAConsistentHub",
		"A backup taken under load restores to a consistent store in a new epoch, on SQLite and PostgreSQL.", false},
	{"kill-sqlite", "./cmd/ratewire", "TestKillsLoseNothingAcknowledgedOnSQLite",
		"The real binary is killed with SIGKILL at random moments under concurrent writers: every acknowledged update is there exactly once, none half-applied.", false},
	{"kill-postgres", "./cmd/ratewire", "TestKillsLoseNothingAcknowledgedOnPostgres", "The same on PostgreSQL.", false},
	{"two-nodes", "./cmd/ratewire", "TestTheOtherNodeTakesOverFromOneKilledOrPaused",
		"Two nodes on one PostgreSQL, the writer killed and paused in turn: the other takes over, nothing acknowledged is lost or doubled.", false},
	{"import", "./cmd/ratewire", "TestThreeThousandHotelsAreImportedAndTakenLive",
		"3,000 hotels come from a CSV with 30 lines planted wrong: the dry run names each with line, field and fix, and changes nothing; corrected, the file is imported, changes nothing when it is imported again, and every hotel goes live through its gates.", false},
	{"alpinebits-core", "./ari/aritest", "TestSellAgreesWithTheAlpineBitsEngine|TestRealAlpineBitsPlansArePricedAsTheEngineDoes",
		"Stays priced by an independent engine, asked of the core: needs the contracts.", false},
	{"alpinebits-hub", "./httpapi", "TestTheAlpineBitsEngineAgreesOnEveryStay|TestRealAlpineBitsPlansAgreeWithTheEngine",
		"The same plans sent in as AlpineBits messages, the stays asked by /v1/shop: needs the contracts.", false},
	{"hub-by-seed", "./hub", "TestHubConvergesAndRepeatsItselfBySeed",
		"The hub's steps over a store that crashes, loses commit answers and fills its disk, twice for each seed: the traces are equal, and nothing acknowledged is lost.", false},
	{"laws", "./ari/aritest", "TestRepeatsAndReorderingsDoNotShow|TestSplittingByDateChangesNothing|TestRemovingAnOverlayRestoresExactly|TestAdjustsAndLateSetsInAnyOrder|TestARolledHorizonKnowsOpenEndedStatements|TestDiffThenApplyGivesTheTarget|TestReplayOfTheJournalGivesTheSameAnswers|TestAPictureLoadedFromPagesGoesOn|TestExplainAnswersWhatSellDoes",
		"Laws of updates on random programs: repeats and allowed reorderings do not show, splitting changes nothing, diff then apply gives the target, and others.", false},
	{"stays", "./ari/aritest", "TestSellAgreesWithModel",
		"On random stays over random pictures, the fast sell and the slow model agree on sellable, price and reasons.", false},
	fuzz("./protocol/otaxml", "FuzzScannerIsEncodingXML", "our reader of XML refuses what encoding/xml refuses, and reads the same tokens."),
	fuzz("./protocol/otaxml", "FuzzParse", "any bytes as an OTA message: no panic, a well-formed answer, what is read is read the same again."),
	fuzz("./protocol/otaxml", "FuzzDecode", "any OTA message through a profile."),
	fuzz("./protocol/otaxml", "FuzzRatePlans", "any rate plans."),
	fuzz("./protocol/otaxml", "FuzzBookingRules", "any booking rules."),
	fuzz("./protocol/otaxml", "FuzzRoomTypes", "any sellable products."),
	fuzz("./protocol/otaxml", "FuzzContent", "any descriptive contents."),
	fuzz("./protocol/otaxml", "FuzzBlocks", "any blocks."),
	fuzz("./protocol/otaxml", "FuzzAsk", "any OTA message that asks."),
	fuzz("./protocol/otaxml", "FuzzEmit", "any values written as OTA."),
	fuzz("./protocol/alpinebits", "FuzzDecode", "any AlpineBits message."),
	fuzz("./protocol/alpinebits", "FuzzReadForm", "any AlpineBits form."),
	fuzz("./protocol/canonical", "FuzzUpdateJSON", "any JSON as an update."),
	fuzz("./httpapi", "FuzzShopQuery", "any JSON as a shop query."),
	fuzz("./ari", "FuzzDecodeEntry", "any bytes as a journal entry."),
	fuzz("./ari", "FuzzLoadPage", "any bytes as a page."),
	fuzz("./ari", "FuzzPlanExtras", "any JSON as a plan's offers and supplements."),
	fuzz("./store/postgres", "FuzzReadBackup", "any bytes as a backup."),
	fuzz("./store/sqlite", "FuzzUnpackKeys", "any bytes as a block of keys."),
}
