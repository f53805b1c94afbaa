"""Who a batch is written for. Each batch names a source, and `delivery.apps` adds those of this app."""
