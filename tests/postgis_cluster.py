"""A private PostgreSQL with PostGIS in a temporary folder, on a socket of its own; stopped and removed at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = Path("/usr/lib/postgresql")
# What a test may lose when the machine dies, it need not wait for.
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses="


class Cluster:
    """A running server; ``folder`` holds its socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def connect(self) -> Any:
        """Return a connection that commits each statement; only QGIS's Python has the driver."""
        import psycopg2

        connection = psycopg2.connect(host=str(self.folder), user="postgres", dbname="postgres")
        connection.autocommit = True
        return connection

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run statements, and return the rows of the last, if it has any."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def script(self, sql: str) -> str:
        """Run statements without a driver, and return what they print, columns divided by ``|``."""
        words = ["psql", "--host", str(self.folder), "--username=postgres", "--dbname=postgres", "--no-psqlrc", "-qAt"]
        command = [*words, "--set=ON_ERROR_STOP=1"]
        done = subprocess.run(command, input=sql, check=True, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def uri(self, table: str, key: str = "id", kind: str = "Polygon", srid: int = 2154) -> str:
        """Return what QGIS opens a table by."""
        return (
            f"dbname='postgres' host={self.folder} user='postgres' key='{key}' srid={srid} type={kind} "
            f'table="public"."{table}" (geom)'
        )


def programs() -> Path | None:
    """Return the folder of the newest server that has PostGIS, None where there is none."""
    found = [
        folder / "bin"
        for folder in PROGRAMS.glob("*")
        if Path(f"/usr/share/postgresql/{folder.name}/extension/postgis.control").is_file()
    ]
    return max(found, key=lambda path: int(path.parent.name), default=None)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make, start, and at the end stop and remove a cluster; root lends it to the user postgres."""
    bin_folder = programs()
    if bin_folder is None:
        raise FileNotFoundError(f"no PostgreSQL with PostGIS under {PROGRAMS}; run: python3 build.py test")
    # Not pytest's folder: a socket's path may have 107 characters, and the user postgres must get at it.
    folder = Path(tempfile.mkdtemp(prefix="diachron-pg-", dir="/tmp"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    folder.chmod(0o755)
    data, log = folder / "data", folder / "log"

    def go(*words: str | Path) -> None:
        subprocess.run([*as_user, *map(str, words)], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    try:
        go(
            bin_folder / "initdb",
            "--pgdata",
            data,
            "--auth=trust",
            "--username=postgres",
            "--no-sync",
            "--encoding=UTF8",
        )
        options = f"{SETTINGS} -c unix_socket_directories={folder}"
        go(bin_folder / "pg_ctl", "--pgdata", data, "--log", log, "--wait", "--options", options, "start")
        try:
            cluster = Cluster(folder)
            cluster.script("CREATE EXTENSION postgis")
            yield cluster
        finally:
            go(bin_folder / "pg_ctl", "--pgdata", data, "--mode=immediate", "--wait", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
