package main

// proof is one named proof: a test that, with RATEWIRE_PROVE=1, runs at the size that was promised, and prints its figures.
type proof struct {
	Name string // one word; also the name of its files under .work/prove
	Pkg  string
	Test string // of go test -run
	What string // what it shows, for docs/proof.md
}

// proofs are all of them, quick ones first.
var proofs = []proof{
	{"syncs-sqlite", "./store/sqlite", "TestEveryCommitIsSyncedBeforeItIsAcknowledged|TestTheProofOfSyncsFailsWithSyncsOff",
		"At least one sync lies between each commit on SQLite and its acknowledgement; with synchronous=OFF the same test fails."},
	{"syncs-postgres", "./store/postgres", "TestEveryCommitIsSyncedBeforeItIsAcknowledged|TestTheProofOfSyncsFailsWithSyncsOff",
		"The same on PostgreSQL, by the server's statistics; with synchronous_commit=off it fails."},
	{"backup", "./cmd/ratewire", "TestABackupUnderLoadRestoresToAConsistentHub",
		"A backup taken under load restores to a consistent store in a new epoch, on SQLite and PostgreSQL."},
	{"kill-sqlite", "./cmd/ratewire", "TestKillsLoseNothingAcknowledgedOnSQLite",
		"The real binary is killed with SIGKILL at random moments under concurrent writers: every acknowledged update is there exactly once, none half-applied."},
	{"kill-postgres", "./cmd/ratewire", "TestKillsLoseNothingAcknowledgedOnPostgres", "The same on PostgreSQL."},
	{"two-nodes", "./cmd/ratewire", "TestTheOtherNodeTakesOverFromOneKilledOrPaused",
		"Two nodes on one PostgreSQL, the writer killed and paused in turn: the other takes over, nothing acknowledged is lost or doubled."},
	{"import", "./cmd/ratewire", "TestThreeThousandHotelsAreImportedAndTakenLive",
		"3,000 hotels come from a CSV with 30 lines planted wrong: the dry run names each with line, field and fix, and changes nothing; corrected, the file is imported, changes nothing when it is imported again, and every hotel goes live through its gates."},
	{"hub-by-seed", "./hub", "TestHubConvergesAndRepeatsItselfBySeed",
		"The hub's steps over a store that crashes, loses commit answers and fills its disk, twice for each seed: the traces are equal, and nothing acknowledged is lost."},
	{"laws", "./ari/aritest", "TestRepeatsAndReorderingsDoNotShow|TestSplittingByDateChangesNothing|TestRemovingAnOverlayRestoresExactly|TestAdjustsAndLateSetsInAnyOrder|TestARolledHorizonKnowsOpenEndedStatements|TestDiffThenApplyGivesTheTarget|TestReplayOfTheJournalGivesTheSameAnswers|TestAPictureLoadedFromPagesGoesOn|TestExplainAnswersWhatSellDoes",
		"Laws of updates on random programs: repeats and allowed reorderings do not show, splitting changes nothing, diff then apply gives the target, and others."},
	{"stays", "./ari/aritest", "TestSellAgreesWithModel",
		"On random stays over random pictures, the fast sell and the slow model agree on sellable, price and reasons."},
}
