"""The Chromium that browser tests drive: found, or brought on Debian as root.

`python -m leksono_portal.run.browser` ends with 0 (there), 1 (missing, and CI=true)
or 3 (missing: the browser tests are to be left out).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]


def find():
    """The browser's path, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def install():
    """Bring Chromium with the system's own package manager, where that is allowed."""
    debian = Path("/etc/debian_version").exists() and shutil.which(APT[0])
    if os.geteuid() != 0 or not debian:
        return
    print("Memasang Chromium untuk uji peramban …", flush=True)
    packages = ["chromium", "fonts-liberation"]
    quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    quiet |= {"stdout": subprocess.DEVNULL}
    if subprocess.run([*APT, "update"], **quiet).returncode == 0:
        subprocess.run(
            [*APT, "install", "-y", "--no-install-recommends", *packages], **quiet
        )


def main():
    if not find():
        install()
    if find():
        return 0
    print(
        "Chromium tidak ditemukan. Pasang dengan: sudo apt install chromium "
        "fonts-liberation (atau Google Chrome)."
    )
    if os.environ.get("CI") == "true":
        return 1
    print("Uji peramban DITINGGALKAN kali ini.")
    return 3


if __name__ == "__main__":
    sys.exit(main())
