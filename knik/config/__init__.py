"""One typed, validated configuration: defaults, config.toml, environment, flags, in that order."""
