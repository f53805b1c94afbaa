"""What a statement reads."""

import json

from django.db import connections, transaction


def pages(sql: str, params: dict) -> int:
    """8 kB pages that the statement touches. What it changes is taken back."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()
        transaction.set_rollback(True, "engine")
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    print(json.dumps(top, indent=1))  # shown where a test fails
    return top["Shared Hit Blocks"] + top["Shared Read Blocks"]
