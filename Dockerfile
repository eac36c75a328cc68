# Two stages: the second has the installed program and nothing that built it.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/ccm && /opt/ccm/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY ccm_flow ccm_flow
COPY workers workers
COPY playbooks playbooks
COPY rules rules
COPY templates templates
COPY sample sample
COPY tools/temporal-server tools/temporal-server
RUN /opt/ccm/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 ccm && install -d -o ccm -g ccm -m 0700 /state
COPY --from=build /opt/ccm /opt/ccm
COPY --from=build /src/sample /home/ccm/sample
ENV PATH=/opt/ccm/bin:$PATH PYTHONUNBUFFERED=1
USER ccm
WORKDIR /home/ccm
ENTRYPOINT ["ccm"]
