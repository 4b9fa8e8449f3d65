"""How a ledger of an older version of this package becomes one of this version: one file a step, applied at start."""
