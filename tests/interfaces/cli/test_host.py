"""The host: whatever is killed or left behind, the next start finds every row."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import psycopg
import pytest

from pointbook.interfaces.cli import home, places
from tests.interfaces.cli.conftest import ORDINARY, ROOT, hosted, password_in, until

COUNT_USERS = """
from django.contrib.auth import get_user_model
print(get_user_model().objects.count())
"""


@pytest.mark.parametrize("prefix", [ROOT, ORDINARY], ids=["root", "ordinary"])
def test_init_makes_a_private_home_once(prefix):
    with hosted(prefix=prefix) as host:
        first = host.ok("init")
        assert password_in(first)
        assert "password" not in host.ok("init")
        assert host.path.stat().st_mode & 0o777 == 0o700
        assert host.home.secret_file.stat().st_mode & 0o777 == 0o600
        assert host.python(COUNT_USERS) == "1"
        assert host.server.processes() == []


def test_as_a_system_user_where_root_may_not_use_namespaces(monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("only root has this way")
    shared = Path(tempfile.mkdtemp(prefix="pb-system-"))
    shared.chmod(0o755)
    monkeypatch.setattr(places, "SYSTEM_FOLDER", shared)
    monkeypatch.setattr(places, "SYSTEM_USER", "nobody")
    monkeypatch.setattr(places, "_namespaces_work", lambda: False)
    with hosted() as host:
        host.home.create()
        with host.server.running():
            place = places.find(home=host.home)
            assert place.data.is_relative_to(shared)
            assert place.data.stat().st_uid == 65534
            with psycopg.connect(host.server.dsn(role=home.APPLICATION_ROLE)) as connection:
                assert connection.execute("SELECT current_user").fetchone() == ("pointbook",)
        assert host.server.processes() == []
        host.home.remove_contents()
        assert not place.data.exists()
    shutil.rmtree(shared)


def test_commands_share_the_server_and_the_last_one_stops_it(host):
    postmaster = places.find(home=host.home).data / "postmaster.pid"
    with host.server.running():
        first = postmaster.read_text().split()[0]
        assert host.python(COUNT_USERS) == "1"
        assert postmaster.read_text().split()[0] == first
        assert int(first) in host.server.processes()
    assert host.server.processes() == []


def test_it_listens_on_a_private_socket_and_on_nothing_else(host):
    with host.server.running(), psycopg.connect(host.server.dsn()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        inodes = set()
        for pid in host.server.processes():
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                try:
                    inodes.add(str(descriptor.readlink()))
                except FileNotFoundError:
                    continue
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                words = line.split()
                assert f"socket:[{words[9]}]" not in inodes
        assert host.home.socket_folder().stat().st_mode & 0o077 == 0


def test_a_home_with_a_long_name(made):
    with hosted(folder="x" * 120) as host:
        shutil.copytree(made.path, host.path)
        assert host.python(COUNT_USERS) == "1"
        assert not host.home.socket_note.exists()


def test_kill_the_postmaster_while_a_backend_computes(host):
    with host.server.running():
        script = (
            "from pointbook.interfaces.cli.database import database\n"
            "import django.db\n"
            "with database():\n"
            "    cursor = django.db.connection.cursor()\n"
            "    cursor.execute('SELECT count(*) FROM generate_series(1, 10000000000)')"
        )
        client = subprocess.Popen(
            [*host.command()[:-2], "-c", script],
            env=host.environment(),
            stderr=subprocess.DEVNULL,
        )
        with psycopg.connect(host.server.dsn(), autocommit=True) as connection:
            busy = (
                "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM generate%'"
            )
            until(lambda: connection.execute(busy).fetchone())
        postmaster = int((host.path / "postgres/postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        os.kill(client.pid, signal.SIGKILL)
        client.wait()
        until(lambda: postmaster not in host.server.processes())
        assert host.server.processes(), "the backend goes on without its postmaster"
        assert host.python(COUNT_USERS) == "1"


@pytest.mark.parametrize(
    "left", ["", "1\n/elsewhere\n", f"{os.getpid()}\n"], ids=["empty", "foreign", "living"]
)
def test_stale_files_of_a_dead_server(host, left):
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (host.path / "postgres" / name).write_text(left)
    (host.path / "postgres/.s.PGSQL.5432").touch()
    assert host.python(COUNT_USERS) == "1"


def test_a_killed_command_leaves_the_server_to_the_next(host):
    code = (
        "from pointbook.interfaces.cli.database import database\n"
        "import os\n"
        "with database():\n"
        "    os.kill(os.getpid(), 9)"
    )
    subprocess.run([*host.command()[:-2], "-c", code], env=host.environment(), check=False)
    assert host.server.processes()
    assert host.python(COUNT_USERS) == "1"
    assert host.server.processes() == []


def test_another_major_version_says_what_to_do(host):
    (host.path / "postgres/PG_VERSION").write_text("17\n")
    done = host.call("init")
    assert done.returncode == 2
    assert "was made by PostgreSQL 17" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_serves_and_stops_cleanly(host, number):
    process, port = host.start()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/") as answer:
        assert answer.status == 200
    second = host.call("run")
    assert second.returncode == 2
    assert second.stderr == (
        f"pointbook: Pointbook is already running at http://127.0.0.1:{port} as process "
        f"{process.pid} (home {host.path}). Stop it with Ctrl-C where it was started.\n"
    )
    os.killpg(process.pid, number)
    assert process.wait() == 0
    assert "stopping" in process.stdout.read()
    assert host.family() == host.server.processes() == []


def test_run_says_that_the_port_is_taken(host):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = host.call("run", "--port", port)
    assert done.returncode == 2
    assert done.stderr == (
        f"pointbook: Port {port} of 127.0.0.1 cannot be used: Address already in use. "
        f"Choose another: pointbook run --port {port + 1}\n"
    )


def test_kill_the_supervisor_and_its_parts_follow(host):
    process, _port = host.start()
    process.kill()
    process.wait()
    until(lambda: not host.family())
    again, _port = host.start()
    again.send_signal(signal.SIGINT)
    assert again.wait() == 0
    assert host.server.processes() == []


def test_kill_everything_and_the_next_start_recovers(host):
    host.start()
    host.kill_everything()
    again, _port = host.start()
    assert host.python(COUNT_USERS) == "1"
    again.send_signal(signal.SIGINT)
    assert again.wait() == 0


@pytest.mark.parametrize("part", ["granian", "procrastinate", "postgres"])
def test_when_one_part_ends_all_end(host, part):
    process, _port = host.start()
    if part == "postgres":
        victim = int((host.path / "postgres/postmaster.pid").read_text().split()[0])
    else:
        named = [
            pid
            for pid in host.family()
            if part.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        ]
        victim = min(named)
    os.kill(victim, signal.SIGKILL)
    assert process.wait() == 1
    assert "ended unasked" in process.stdout.read()
    until(lambda: not host.family())
    assert host.python(COUNT_USERS) == "1"
