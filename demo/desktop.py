"""Start the real QGIS with the packaged plugin in a profile of its own, and let ``drive_dock.py`` work in it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DRIVER = HERE / "drive_dock.py"
PROFILE = "diachron-demo"
SCREEN_PX = (1600, 1000)
PATIENCE_S = 1200

# What a child process must not inherit from the environment that runs the demo.
NOT_INHERITED = ("PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "VIRTUAL_ENV", "QT_QPA_PLATFORM", "QT_PLUGIN_PATH")
SETTINGS = """\
[PythonPlugins]
diachron_qgis=true
processing=true

[qgis]
checkVersion=false
showTips324=false
firstRunVersionFlag=999999
newsFeed\\httpsfeedqgisorg\\disabled=true

[core]
NewsFeed\\httpsfeedqgisorg\\disabled=true

[locale]
overrideFlag=true
userLocale=en_US
"""


class DesktopFailed(Exception):
    """QGIS did not do its part; the message says what is known and where the log is."""


@dataclass(frozen=True)
class Desktop:
    """A QGIS to start: the plugin's zip, the engine's program (None: the dock has to set one up), the folder to
    work in, whether to show it, its theme ("" for QGIS's own) and how much larger than usual everything is."""

    plugin_zip: Path
    engine: Path | None
    folder: Path
    show: bool = False
    theme: str = ""
    scale: float = 1.0
    driver: Path = DRIVER

    def drive(self, job: dict[str, Any]) -> dict[str, Any]:
        """Hand a job to the driver inside QGIS, wait for QGIS to end, and return what the driver reports."""
        self.folder.mkdir(parents=True, exist_ok=True)
        report, job_file, log = (self.folder / name for name in ("report.json", "job.json", "qgis.log"))
        report.unlink(missing_ok=True)
        job_file.write_text(
            json.dumps(job | {"report": str(report), "code": str(HERE)}, indent=2, ensure_ascii=False), encoding="utf-8"
        )
        profiles = self._profile()
        with log.open("w", encoding="utf-8") as stream:
            status = self._run(profiles, job_file, stream)
        if not report.exists():
            ending = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
            raise DesktopFailed(f"QGIS ended with status {status} and no report; log: {log}\n{ending}")
        return dict(json.loads(report.read_text(encoding="utf-8")))

    def _run(self, profiles: Path, job_file: Path, stream: Any) -> int:
        qgis = ["qgis", "--nologo", "--noversioncheck", "--profiles-path", str(profiles), "--profile", PROFILE]
        command = [*_screen(self.show, self.scale), *qgis, "--code", str(self.driver)]
        environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        environment |= {"DIACHRON_DEMO_JOB": str(job_file), "LC_ALL": "C.UTF-8"}
        environment["DIACHRON_ENGINE"] = str(self.engine or "")
        if self.scale != 1.0:
            environment["QT_SCALE_FACTOR"] = str(self.scale)
        # QGIS finds its Python's libraries by the first python3 on the path: it must be the system's.
        environment["PATH"] = os.pathsep.join(["/usr/bin", "/bin", environment.get("PATH", "")])
        environment |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
        patience_s = None if self.show else PATIENCE_S
        with subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as child:
            try:
                return child.wait(patience_s)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGTERM)
                raise DesktopFailed(f"QGIS was still at work after {PATIENCE_S} s; log: {stream.name}") from None

    def _profile(self) -> Path:
        """Make a fresh profile with the plugin installed from its zip, and return the folder of profiles."""
        profiles = self.folder / "qgis"
        shutil.rmtree(profiles, ignore_errors=True)
        profile = profiles / "profiles" / PROFILE
        plugins = profile / "python" / "plugins"
        plugins.mkdir(parents=True)
        with zipfile.ZipFile(self.plugin_zip) as archive:
            archive.extractall(plugins)
        settings = profile / "QGIS" / "QGIS3.ini"
        settings.parent.mkdir()
        theme = f"\n[UI]\nUITheme={self.theme}\n" if self.theme else ""
        settings.write_text(SETTINGS + theme, encoding="utf-8")
        return profiles


def has_display() -> bool:
    """True where a window can be seen."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _screen(show: bool, scale: float) -> list[str]:
    """Return what goes before the command: nothing on a real screen, a virtual one otherwise."""
    if show and has_display():
        return []
    width, height = (round(side * scale) for side in SCREEN_PX)
    return ["xvfb-run", "--auto-servernum", "--server-args", f"-screen 0 {width}x{height}x24 -nolisten tcp"]
