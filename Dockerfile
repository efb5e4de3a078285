# Releases pin it by the digest in .github/names.env, and docker-compose.yml by the same one.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /build
# setup.py compiles the data path. The compiler stays in this stage.
RUN apt-get -q update && apt-get -q install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/cors-proxy
COPY requirements.txt ./
RUN /opt/cors-proxy/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-compile --only-binary :all: --require-hashes -r requirements.txt
COPY pyproject.toml setup.py README.md LICENSE ./
COPY cors_proxy cors_proxy
# This downloads the build tools (setuptools, mypy) from PyPI. None of them is in the final image.
# Symbols would be half of its size, and sources of C and Cython are never read.
RUN /opt/cors-proxy/bin/python -m pip wheel --no-cache-dir --disable-pip-version-check --no-deps --wheel-dir /wheel . \
 && /opt/cors-proxy/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-index --no-deps --no-compile /wheel/*.whl \
 && /opt/cors-proxy/bin/python -m pip uninstall --yes --quiet --disable-pip-version-check pip \
 && find /opt/cors-proxy -name '*.so' -exec strip --strip-unneeded {} + \
 && find /opt/cors-proxy -type f \( -name '*.py[xi]' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.[ch]' \) -delete \
 && /opt/cors-proxy/bin/python -m compileall -q -j 0 /opt/cors-proxy/lib \
 && /opt/cors-proxy/bin/cors-proxy --version

FROM ${BASE}
ARG VERSION=0.2.0
LABEL org.opencontainers.image.title="cors-proxy" \
      org.opencontainers.image.description="A standalone reverse proxy that enforces CORS" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim"
RUN groupadd --system --gid 10001 cors-proxy \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin cors-proxy
COPY --from=build /opt/cors-proxy /opt/cors-proxy
ENV PATH=/opt/cors-proxy/bin:$PATH PYTHONDONTWRITEBYTECODE=1 CORS_PROXY_POLICY=/etc/cors-proxy/policy.yaml
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["cors-proxy", "healthcheck"]
ENTRYPOINT ["cors-proxy"]
CMD ["run"]
