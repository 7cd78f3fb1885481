package postgres

// Weak answers options that switch syncs off. Tests only: it shows that the proof of syncs fails then.
func Weak() Options { return Options{weakSync: true} }
