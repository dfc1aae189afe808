#!/bin/bash
# Boots an instance of the site: nginx from the packages of Amazon Linux, which come over the S3 endpoint.
set -euo pipefail
dnf --assumeyes --quiet install nginx

# Healthy is what can serve, and nothing else: put what your pages need into the answer of this path.
cat >/etc/nginx/conf.d/shop.conf <<'NGINX'
server {
    listen 8080;
    root /usr/share/nginx/html;
    # Longer than the load balancer's idle timeout, so that it never sends into a connection that is just being closed.
    keepalive_timeout 75s;
    location = /health { default_type text/plain; return 200 "up\n"; }
}
NGINX

systemctl enable --now nginx
