import { AccumulationReportGenerator, Api } from '@sonde/client'
import { MockCloud } from '@sonde/client/mock'

const cloud = new MockCloud()
cloud.quickAddUser('me@example.org', 'secret')
const [, project] = cloud.quickAddProject('Water')
const device = cloud.quickAddDevice(project, 0xd2)
await cloud.addData({
  streams: [{ slug: 's--0000-0001--0000-0000-0000-00d2--5001', project, device, output_unit: null }],
})

const api = new Api({ domain: await cloud.start() })
await api.login({ email: 'me@example.org', password: 'secret' })
const stream = 's--0000-0001--0000-0000-0000-00d2--5001'
await api.data.post([
  { stream, timestamp: '2026-05-01T06:00:00Z', int_value: 3 },
  { stream, timestamp: '2026-05-01T07:00:00Z', int_value: 4 },
])
const reports = new AccumulationReportGenerator(api)
console.log(await reports.computeSum([device], new Date('2026-05-01')))

// Bytes as devices send them; this is no report.
await api.streamer.report
  .uploadFp(new Uint8Array([1, 2, 3]), {}, { timestamp: '2026-05-01T08:00:00Z' })
  .catch((error) => console.log(error.status, error.body))
console.log(cloud.requestCount, cloud.errorCount)
await cloud.stop()
