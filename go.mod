module github.com/ratewire/ratewire

go 1.26
