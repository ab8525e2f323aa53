"""A history in Spark gives what it gives on one machine: on two workers, and when one of them is killed on the way.

The cluster is Spark's own (a standalone master with two workers), on the loopback address. It ends with this process, however that ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from dutyrules import InputError, evaluate, load_history, load_plan, spark
from dutyrules.partition import Division
from dutyrules.strategies import Case, cases, sample
from dutyrules.tables import history_from_table, roster_from_tables
from test_bounded import PLAN, ROW, options, rows_of, table_of
from test_partition import ROSTER, given_inputs, router_of, several
from test_tables import row

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))


@given(cases(), st.randoms(use_true_random=False), st.booleans())
def test_what_the_workers_do_gives_what_the_whole_gives(case: Case, random: Random, evidence: bool) -> None:
    inputs = given_inputs(several(case, random))
    table = table_of([row(r) for r in inputs.history.records])
    whole = evaluate(inputs.plans, inputs.roster, load_history(table), **options(case) | {"waivers": inputs.waivers})
    buckets = Division(inputs.plans, inputs.roster).in_buckets(random.choice([1, 3]))
    route = spark._routing(router_of(buckets, history_from_table(table)))
    reached = pa.Table.from_batches(route(iter(table.to_batches(max_chunksize=7))), table.schema.append(pa.field(spark._BUCKET, pa.int32())))
    judge = spark._judging(inputs, evidence)
    shares = spark._packed(buckets)
    found = [
        judge(reached.filter(pc.equal(reached[spark._BUCKET], b)), shares.slice(b, 1)) for b in range(len(buckets))
    ]
    event(f"buckets: {len(found)}")
    assert rows_of(pa.concat_tables(found)) == rows_of(whole.to_arrow(evidence))


# ------------------------------------------------------------------------------------------------------- a cluster

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""For what runs for seconds only, compiling more would cost more than it saves."""
NEEDED = [name for name, there in (("pyspark", find_spec("pyspark")), ("java", shutil.which("java"))) if not there]
SKIPPED = pytest.mark.skipif(bool(NEEDED), reason=f"{' and '.join(NEEDED)} not installed")
# What PySpark warns of within itself is not for us to mend.
QUIET = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning")


def clustered(test: Any) -> Any:
    """Mark a test that needs a cluster."""
    return pytest.mark.spark(SKIPPED(QUIET(test)))


@contextmanager
def daemon(*words: str, folder: Path) -> Iterator[int]:
    """A process of Spark's in a group of its own, which is killed at the end, or when this process is gone; the group's number."""
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m", "SPARK_CONF_DIR": str(folder),
        "SPARK_DAEMON_JAVA_OPTS": QUICK,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]), "PYSPARK_PYTHON": sys.executable,
    }  # fmt: skip
    # What the shell reads ends when whoever holds the other end of the pipe is gone.
    script = '"$@" & cat >/dev/null; kill -9 -- -$$'
    with open(folder / f"{words[0].rsplit('.', 1)[-1]}-{len(list(folder.iterdir()))}.log", "wb") as log:
        shell = subprocess.Popen(
            ["bash", "-c", script, "bash", str(home / "bin" / "spark-class"), *words],
            stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
    try:
        yield shell.pid
    finally:
        assert shell.stdin is not None
        shell.stdin.close()
        shell.wait(30)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def until(what: Any, seconds: float = 90) -> Any:
    """What a question gives, asked again and again until it is something."""
    end = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what} is not so after {seconds} seconds")
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, list[int]]]:
    """A session on a master with two workers, and the groups of processes of the workers."""
    folder = tmp_path_factory.mktemp("spark")
    port = free_port()
    master = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    with ExitStack() as stack:
        stack.enter_context(daemon(f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0", folder=folder))

        def listens() -> bool:
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0

        until(listens)
        worker = (f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1g")
        groups = [stack.enter_context(daemon(*worker, "--work-dir", str(folder / f"work{i}"), master, folder=folder)) for i in range(2)]
        from pyspark.sql import SparkSession

        os.environ["PYSPARK_PYTHON"] = sys.executable
        builder = SparkSession.builder.master(master).appName("dutyrules")
        for key, value in {
            "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "512m",
            "spark.executor.memory": "512m", "spark.executor.cores": "1", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
            "spark.sql.shuffle.partitions": "12", "spark.sql.adaptive.enabled": "false", "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.executorEnv.PYTHONPATH": str(ROOT / "src"), "spark.log.level": "OFF",
            "spark.driver.extraJavaOptions": QUICK, "spark.executor.extraJavaOptions": QUICK, "spark.sql.codegen.wholeStage": "false",
        }.items():  # fmt: skip
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        stack.callback(session.stop)
        until(lambda: len(executors(session)) == 2)
        yield session, groups


def executors(session: Any) -> list[Any]:
    """The executors that Spark knows, without the driver."""
    return list(session.sparkContext._jsc.sc().statusTracker().getExecutorInfos())[1:]


def workload(sites: int, records: int) -> tuple[Any, Any, pa.Table]:
    from adapters import PLAN, arrow_records, arrow_roster
    from workload import make

    w = make(sites, records, 7)
    table = arrow_records(w)
    plain = pa.schema([(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in table.schema])
    return load_plan(PLAN), roster_from_tables(*arrow_roster(w)[:2]), table.cast(plain)


@clustered
def test_two_workers_give_what_one_machine_gives(cluster: tuple[Any, list[int]]) -> None:
    from workload import AS_OF

    session, _ = cluster
    plan, roster, table = workload(60, 12_000)
    found = spark.evaluate(plan, roster, session.createDataFrame(table), as_of=AS_OF)
    assert rows_of(found.toArrow()) == rows_of(evaluate(plan, roster, table, as_of=AS_OF).to_arrow())


@clustered
@pytest.mark.parametrize("seed", [25, 41])
def test_a_drawn_case_gives_in_spark_what_it_gives_on_one_machine(cluster: tuple[Any, list[int]], seed: int) -> None:
    session, _ = cluster
    case = several(sample(seed, most=60), Random(seed))
    table = table_of([row(r) for r in case.history.records])
    whole = evaluate(case.plan, case.roster, load_history(table), **options(case))
    assert len(whole.obligations) > 5
    found = spark.evaluate(case.plan, case.roster, session.createDataFrame(table), evidence=True, **options(case))
    assert rows_of(found.toArrow()) == rows_of(whole.to_arrow(evidence=True))


@clustered
def test_who_has_no_records_owes_all_the_same(cluster: tuple[Any, list[int]]) -> None:
    session, _ = cluster
    told = spark.evaluate(PLAN, ROSTER, session.createDataFrame(table_of([ROW])), as_of=date(2026, 1, 31)).toArrow()
    assert {(r["object"], r["verdict"]) for r in told.to_pylist()} == {(f"m{i}", "met" if i == 0 else "violated") for i in (1, 2, 3, 4)}


@clustered
def test_faulty_rows_are_told_at_once_and_without_a_traceback(cluster: tuple[Any, list[int]]) -> None:
    session, _ = cluster
    rows = [ROW, {**ROW, "object": "m2"}, {**ROW, "id": "3", "time": "noon"}, {**ROW, "id": None}]
    with pytest.raises(InputError) as fault:
        spark.evaluate(PLAN, ROSTER, session.createDataFrame(table_of(rows)), as_of=date(2026, 1, 31))
    assert [(p.code, p.file) for p in fault.value.problems if p.code != "DR301"] == [("DR314", None), ("DR302", "id 3")]
    assert {p.code for p in fault.value.problems} == {"DR301", "DR302", "DR314"}
    with pytest.raises(InputError) as fault:
        spark.evaluate(PLAN, ROSTER, session.createDataFrame(table_of(rows)).drop("time", "id"), as_of=date(2026, 1, 31))
    assert [(p.code, p.args["names"]) for p in fault.value.problems] == [("DR311", "id, time")]


@clustered
def test_a_worker_is_lost_on_the_way(cluster: tuple[Any, list[int]]) -> None:
    from workload import AS_OF

    session, groups = cluster
    plan, roster, table = workload(240, 48_000)
    whole = rows_of(evaluate(plan, roster, table, as_of=AS_OF).to_arrow())
    obligations = spark.evaluate(plan, roster, session.createDataFrame(table).repartition(4), as_of=AS_OF, buckets=24)
    found: list[Any] = []
    run = Thread(target=lambda: found.append(obligations.toArrow()))
    tracker = session.sparkContext.statusTracker()

    def half_done() -> bool:
        assert run.is_alive(), "it was over before anything could be killed"
        stages = [s for i in tracker.getActiveStageIds() if (s := tracker.getStageInfo(i)) is not None]
        return any(s.numTasks == 12 and 2 <= s.numCompletedTasks <= 8 for s in stages)

    run.start()
    until(half_done)
    os.killpg(groups[1], signal.SIGKILL)
    until(lambda: len(executors(session)) == 1)
    run.join(120)
    assert found and rows_of(found[0]) == whole
