"""Forms read what a person typed; the verbs behind them hold the rules."""
