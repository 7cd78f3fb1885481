package cli

// Global are the flags of every command.
type Global struct {
	JSON   bool   `name:"json" help:"Print JSON instead of tables."`
	Config string `placeholder:"FILE" help:"YAML file with settings, named as the flags with underscores. Flags win over the environment (RATEWIRE_...), the environment over the file."`
}

// commands is the command line.
type commands struct {
	Global

	Serve       serveCmd       `cmd:"" help:"Run a node."`
	Demo        demoCmd        `cmd:"" help:"Run a node with three small hotels, change them, and show what can be sold."`
	Token       tokenCmd       `cmd:"" help:"Print an access token of an API client."`
	Push        pushCmd        `cmd:"" help:"Send OTA XML, canonical JSON or NDJSON to a hub."`
	Import      importCmd      `cmd:"" help:"Import properties and what belongs to them, as CSV or NDJSON."`
	Checks      checksCmd      `cmd:"" help:"Say what looks wrong with properties before they are sold."`
	Mappings    mappingsCmd    `cmd:"" help:"What other systems' codes mean: list, accept, ignore, export, import."`
	Parked      parkedCmd      `cmd:"" help:"What waits for a mapping: list, replay."`
	Setup       configCmd      `cmd:"" name:"config" help:"What a hub is set up with, as a file: export, diff, apply."`
	Stage       stageCmd       `cmd:"" help:"Move properties to draft, mapped, shadow, live or suspended, through their gates."`
	Validate    validateCmd    `cmd:"" help:"Say offline what an OTA message would do under a profile."`
	Shop        shopCmd        `cmd:"" help:"Ask what can be sold."`
	Explain     explainCmd     `cmd:"" help:"Ask why a product is sold, or is not, with the facts behind it."`
	History     historyCmd     `cmd:"" help:"Ask who told what of a cell, newest first."`
	Messages    messagesCmd    `cmd:"" help:"List what came in and what became of it."`
	Audit       auditCmd       `cmd:"" help:"List who changed what and why, newest first."`
	Export      exportCmd      `cmd:"" help:"Write a property's grid or cells as CSV or NDJSON."`
	Secrets     secretsCmd     `cmd:"" help:"Keys and secrets: make, rotate."`
	Backup      backupCmd      `cmd:"" help:"Copy a store, while a hub writes to it."`
	Restore     restoreCmd     `cmd:"" help:"Make a new store from a backup, in a new epoch."`
	Check       checkCmd       `cmd:"" help:"Read a whole store and say what is wrong with it."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a node whether it is ready."`
	Bench       benchCmd       `cmd:"" help:"Measure, with ratios against alternatives in the same run."`
	Version     versionCmd     `cmd:"" help:"Print which build this is."`
}
