"""The ledger's speed: transfers, batches, one hot account, wide splits, statements."""
