# Two stages: the second has the installed program and nothing that built it.
# Packages come by their hashes alone, for the build too.
FROM python:3.12-slim-trixie AS build
WORKDIR /src
COPY locks/build.lock locks/run.lock locks/
RUN python -m venv /build && /build/bin/pip install --no-cache-dir --require-hashes -r locks/build.lock \
 && python -m venv /opt/ccm && /opt/ccm/bin/pip install --no-cache-dir --require-hashes -r locks/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY ccm_flow ccm_flow
COPY workers workers
COPY playbooks playbooks
COPY rules rules
COPY templates templates
COPY sample sample
COPY tools/temporal-server tools/temporal-server
RUN /build/bin/python -m hatchling build -t wheel -d /dist \
 && /opt/ccm/bin/pip install --no-cache-dir --no-deps --no-index /dist/*.whl

FROM python:3.12-slim-trixie
# pg_dump and pg_restore, for `ccm backup`; the version of the databases' image.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 ccm && useradd --create-home --uid 10001 --gid 10001 ccm \
 && install -d -o ccm -g ccm -m 0700 /state /backups
COPY --from=build /opt/ccm /opt/ccm
COPY --from=build /src/sample /home/ccm/sample
ENV PATH=/opt/ccm/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /home/ccm
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-m", "ccm_flow.web.healthy", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["ccm"]
CMD ["serve", "--web-only", "--https", "--host", "0.0.0.0", "--port", "8080"]
