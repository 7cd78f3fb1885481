package cli

// Global are the flags of every command.
type Global struct {
	JSON bool `name:"json" help:"Print JSON instead of tables."`
}

// commands is the command line.
type commands struct {
	Global

	Version versionCmd `cmd:"" help:"Print which build this is."`
}
