package pgtest_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/ratewire/ratewire/internal/pgtest"
)

func query(t *testing.T, url, text string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // nothing is under way
	if err := conn.QueryRow(t.Context(), text).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestEachTestHasASchemaOfItsOwnOnOneServer(t *testing.T) {
	a, b := pgtest.URL(t), pgtest.URL(t)
	if x, y := query(t, a, "select current_schema()"), query(t, b, "select current_schema()"); x == y {
		t.Errorf("both in %s", x)
	}
	if x, y := query(t, a, "show data_directory"), query(t, b, "show data_directory"); x != y {
		t.Errorf("two servers: %s and %s", x, y)
	}
}

func TestTheServerIsDurableAndPrivate(t *testing.T) {
	url := pgtest.URL(t)
	for setting, want := range map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": ""} {
		if got := query(t, url, "show "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
}

func TestAServerOfOnesOwnHasItsSettingsAndLeavesNothing(t *testing.T) {
	s := pgtest.Start(t, "work_mem=9MB")
	if got := query(t, s.URL(t), "show work_mem"); got != "9MB" {
		t.Errorf("work_mem is %s", got)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", s.Dir, err)
	}
}

func TestABadSettingSaysWhatTheServerSaid(t *testing.T) {
	pgtest.Shared(t) // skips where there is none
	if s, err := pgtest.New("no_such_setting=1"); err == nil {
		t.Error("it started", s.Stop())
	} else {
		t.Log(err)
	}
}
