package ari

import "testing"

func TestAmountsAreWrittenWithTheDecimalsOfTheirCurrency(t *testing.T) {
	for _, c := range []struct {
		amount, currency, want string
	}{
		{"12000", "JPY", "12000"}, {"12000.5", "JPY", "12000.5"}, {"0", "JPY", "0"}, {"-7", "KRW", "-7"}, {"0.0001", "JPY", "0.0001"},
		{"120", "EUR", "120.00"}, {"120.125", "EUR", "120.125"}, {"-0.5", "EUR", "-0.50"},
		{"1.5", "KWD", "1.500"}, {"1.5001", "KWD", "1.5001"}, {"3", "TND", "3.000"}, {"3", "CLF", "3.0000"},
	} {
		a, err := ParseAmount(c.amount)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(a.AppendMinor([]byte("x"), CurrencyDecimals(c.currency))); got != "x"+c.want {
			t.Errorf("%s %s: %q, want %q", c.amount, c.currency, got, c.want)
		}
		if back, err := ParseAmount(c.want); err != nil || back != a {
			t.Errorf("%s is read back as %s, %v", c.want, back, err)
		}
	}
}
