"""The names of the profiles, apart from their declarations, so that ``--help`` need not read those."""

DEFAULT = "tendermint-0.34"
NAMES = ("tendermint-0.22", "tendermint-0.31", DEFAULT, "cometbft-0.37", "cometbft-0.38", "cometbft-1.0")
