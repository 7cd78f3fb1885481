package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// envPrefix begins the environment's settings: RATEWIRE_LISTEN is --listen.
const envPrefix = "RATEWIRE_"

// settings answer flags that the command line does not name: from the environment, else from the configuration file.
type settings struct {
	file *koanf.Koanf // what the file alone says
	all  *koanf.Koanf // the environment over the file
}

// readSettings reads the file that --config or RATEWIRE_CONFIG names, if any, and the environment.
func readSettings(args []string, environ func() []string) (*settings, error) {
	s := &settings{file: koanf.New("."), all: koanf.New(".")}
	fromEnv := env.Provider(".", env.Opt{Prefix: envPrefix, EnvironFunc: environ, TransformFunc: func(k, v string) (string, any) {
		return strings.ToLower(strings.TrimPrefix(k, envPrefix)), v
	}})
	if err := s.all.Load(fromEnv, nil); err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	path := configPath(args, s.all.String("config"))
	if path == "" {
		return s, nil
	}
	if err := s.file.Load(file.Provider(path), yaml.Parser()); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	over := s.all
	s.all = s.file.Copy()
	return s, s.all.Merge(over)
}

// configPath answers the file that the arguments name, else what the environment said: it is needed before the arguments are parsed.
func configPath(args []string, told string) string {
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--config="); ok {
			return v
		}
		if a == "--config" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return told
}

// Validate refuses settings in the file that no command has: a setting with a typo must not be silently absent.
func (s *settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			known[key(f.Name)] = true
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(app.Node)
	var unknown []string
	for _, k := range s.file.Keys() {
		if !known[k] {
			unknown = append(unknown, k)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return fmt.Errorf("configuration file: no such setting: %s", strings.Join(unknown, ", "))
	}
	return nil
}

// Resolve is kong.Resolver's.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	k := key(flag.Name)
	if !s.all.Exists(k) || flag.Name == "help" {
		return nil, nil
	}
	switch v := s.all.Get(k).(type) {
	case []any:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = fmt.Sprint(p)
		}
		return strings.Join(parts, ","), nil
	case map[string]any:
		return nil, fmt.Errorf("setting %s: want a value, not a mapping", k)
	default:
		return fmt.Sprint(v), nil
	}
}

// key answers a flag's name in the file: words joined by underscores.
func key(flag string) string { return strings.ReplaceAll(flag, "-", "_") }
