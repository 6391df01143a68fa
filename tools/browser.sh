#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes sure that the tests find a browser, Chinese fonts, a token made of software and a reader of PDF that is not
# ours, from Debian's packages.
set -euo pipefail

wanted=()
command -v chromium >/dev/null || wanted+=(chromium)
fc-list :lang=zh 2>/dev/null | grep -q . || wanted+=(fonts-noto-cjk fontconfig)
command -v softhsm2-util >/dev/null || wanted+=(softhsm2)
command -v pdfsig >/dev/null || wanted+=(poppler-utils)
[ ${#wanted[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    as_root=(false)
elif [ "$(id -u)" -eq 0 ]; then
    as_root=(env)
elif sudo -n true 2>/dev/null; then
    as_root=(sudo -n env)
else
    as_root=(false)
fi

echo "测试需要 ${wanted[*]}，正在安装"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 update >"$log" 2>&1 &&
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends \
        "${wanted[@]}" >>"$log" 2>&1; then
    exit 0
fi
tail -n 5 "$log" >&2
echo "不能安装 ${wanted[*]}。请由管理员运行：apt-get install -y ${wanted[*]}" >&2
if [ -n "${CI:-}" ]; then
    echo "CI 中这些测试不能略过。" >&2
    exit 1
fi
echo "其余测试照常进行，用到它们的测试会被略过并注明原因。" >&2
