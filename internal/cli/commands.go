package cli

// Global are the flags of every command.
type Global struct {
	JSON   bool   `name:"json" help:"Print JSON instead of tables."`
	Config string `placeholder:"FILE" help:"YAML file with settings, named as the flags with underscores. Flags win over the environment (RATEWIRE_...), the environment over the file."`
}

// commands is the command line.
type commands struct {
	Global

	Version versionCmd `cmd:"" help:"Print which build this is."`
}
