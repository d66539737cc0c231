# Replaces localstack/localstack:4.14.0 if no image registry is reachable: the same LocalStack at the same path, on
# a Debian that was imported as `harness-debian` (Python 3.13, curl, certificates).
FROM harness-debian
COPY harness/engine/localstack/locks/4.14.0.txt /tmp/lock.txt
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
RUN python3 -m venv /opt/code/localstack/.venv \
    && /opt/code/localstack/.venv/bin/python -m pip install -q --no-cache-dir --require-hashes -r /tmp/lock.txt
# It has neither Java nor the network.
ENV PROVIDER_OVERRIDE_DYNAMODB=moto SKIP_SSL_CERT_DOWNLOAD=1 DNS_ADDRESS=0 GATEWAY_LISTEN=0.0.0.0:4566
CMD ["/opt/code/localstack/.venv/bin/python", "-m", "localstack.runtime.main"]
