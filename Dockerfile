# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
# aws-lc, which rustls encrypts with, is C.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev cmake make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# Without the sandbox: this image is for real systems.
RUN cargo install --locked --no-track --no-default-features --path . --root /out

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 65532 --user-group --create-home --home-dir /work sipform
COPY --from=build /out/bin/sipform /usr/local/bin/sipform
COPY --chmod=0755 ci/ledger-branch.sh /usr/local/bin/ledger-branch.sh
USER 65532:65532
WORKDIR /work
# A shell is what pipelines expect; `docker run IMAGE sipform plan` names the program.
CMD ["sipform", "--help"]
