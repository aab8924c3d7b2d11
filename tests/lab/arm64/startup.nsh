echo "vmm: the script runs"
setvar vmmkept -guid 6c5d3e1a-0f2b-4b7c-9d8e-1a2b3c4d5e6f
setvar vmmkept -guid 6c5d3e1a-0f2b-4b7c-9d8e-1a2b3c4d5e6f -bs -nv =0xcafe4b1d
reset -s
