/** What a report adds to the events that are known. */
import type { EventDocument, NewEvent } from '../../catalog/events.ts'
import type { Reported, ReportedEvent } from './device-report.ts'
import type { PlacedTime } from './reading-times.ts'
import type { ReportStream } from './report-streams.ts'

/** An event whose document, if it has one, is kept already. */
export interface KeptEvent extends ReportedEvent {
  readonly document: EventDocument | undefined
}

/** Those of disabled streams are left out. An event of which nobody knows the time gets that of the reception. */
export function planEvents(
  events: readonly KeptEvent[],
  {
    times,
    streams,
    receivedUs,
    made,
  }: {
    times: ReadonlyMap<Reported, PlacedTime>
    streams: ReadonlyMap<number, ReportStream>
    receivedUs: number
    made: Pick<NewEvent, 'created_by' | 'created_at_us'>
  },
): NewEvent[] {
  return events.flatMap((event): NewEvent[] => {
    const found = streams.get(event.lid)
    if (found === undefined || found.stream.enabled === 0) return []
    const { timeUs, status } = times.get(event)!
    return [
      {
        stream_id: found.stream.id,
        time_us: timeUs ?? receivedUs,
        extra: event.extraData,
        document: event.document,
        device_timestamp: event.deviceS,
        streamer_local_id: event.id,
        dirty_ts: Number(timeUs === null || status === 'drt'),
        status,
        ...made,
      },
    ]
  })
}
