"""Teaches every new SQLite connection to add amounts."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from common.amounts import teach_sqlite


class CommonConfig(AppConfig):
    """Registers the SQL functions that amounts need."""

    name = "common"

    def ready(self) -> None:
        # The one signal receiver there is: SQLite keeps functions with the
        # connection, and Django has no other hook for a connection that opens.
        connection_created.connect(_on_connection, dispatch_uid="common.amounts")


def _on_connection(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite":
        teach_sqlite(connection.connection)
