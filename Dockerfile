# One image for the web server, the worker, migrations and the daily run:
#   docker build -t foyer .
# The newest Python for which every pinned package has a wheel.
ARG PYTHON=3.14

FROM python:${PYTHON}-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
# Alone, so that this layer is kept until a pinned version changes.
COPY requirements-services.txt /tmp/
RUN /opt/venv/bin/pip install --use-pep517 --require-hashes -r /tmp/requirements-services.txt
WORKDIR /app
COPY . .
RUN DATA_DIR=/tmp/data STATIC_ROOT=/app/static /opt/venv/bin/python manage.py setup --static-only \
    && /opt/venv/bin/python -m compileall -q -j 0 /app /opt/venv/lib

FROM python:${PYTHON}-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin foyer \
    && install --directory --owner foyer --group foyer --mode 0750 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 \
    HOST=0.0.0.0 PORT=8000 DATA_DIR=/data STATIC_ROOT=/app/static DEMO=0
# The root file system may be read-only: all that is written goes to /data and /tmp.
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "manage.py", "run_web"]
