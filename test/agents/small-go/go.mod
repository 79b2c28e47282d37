module berth/test/small-agent

go 1.24
