# A stand-in for an S3-compatible store: moto, which checks every signature. It keeps what it has in
# memory. For real use leave it out, and let STORAGE_URL name a store of your own.
ARG BASE=debian:trixie-slim
FROM ${BASE}
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
       python3-moto python3-flask python3-flask-cors python3-werkzeug \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 stack && useradd --uid 10001 --gid stack --no-create-home --shell /usr/sbin/nologin stack \
    && install -d -o stack -g stack /run/secrets
COPY deploy/start-s3 /usr/local/bin/
USER stack
WORKDIR /tmp
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["start-s3", "--check"]
ENTRYPOINT ["start-s3"]
